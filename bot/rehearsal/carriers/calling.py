"""The HTTP client with which carriers call back."""

import functools
import ssl

import httpx


@functools.cache
def tls() -> ssl.SSLContext:
    """The system's TLS settings, read once: it takes longer than a webhook."""
    return ssl.create_default_context()


def http_client(timeout: float = 5.0) -> httpx.AsyncClient:
    """A client that knows no proxies; `timeout` in seconds."""
    return httpx.AsyncClient(timeout=timeout, trust_env=False, verify=tls())

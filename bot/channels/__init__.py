"""Translators between a provider and the bot; none knows another, none knows the workflow."""

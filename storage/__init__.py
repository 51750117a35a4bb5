"""The memory: tables and their queries; knows neither the rules nor the channels."""

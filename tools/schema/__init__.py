"""Writes what follows from the declarations of keys: documentation, argument specs of roles, tables, the JSON schema."""

"""Countries by code or by name, in any language."""

"""The rows of the table of properties, by what they belong to; `properties.TABLE` puts them in order."""

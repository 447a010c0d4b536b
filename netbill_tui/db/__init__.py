"""The database: the only importer of peewee. Tables, frozen statements per noun, and the write protocol."""

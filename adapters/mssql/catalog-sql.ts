// Knows: what is asked of the catalog of a live server (the views of `sys`, since SQL Server 2005), one flat list at a time.
// Must not know: connections, what is made of the lists. The statements are text: Kysely would add nothing to fixed ones.

export const DATABASE = 'select name, collation_name from sys.databases where database_id = db_id()';
export const SCHEMAS = 'select schema_id, name from sys.schemas';
export const OBJECTS =
  'select object_id, schema_id, name, rtrim(type) as type, parent_object_id from sys.objects where is_ms_shipped = 0 order by name';
export const COLUMNS =
  'select object_id, column_id, name, user_type_id, system_type_id, max_length, precision, scale, collation_name, is_nullable, is_identity, is_computed, default_object_id from sys.columns order by object_id, column_id';
export const TYPES = 'select user_type_id, system_type_id, name, is_user_defined from sys.types';
export const INDEXES =
  'select object_id, index_id, is_unique, is_primary_key, has_filter, is_disabled, is_hypothetical, type from sys.indexes order by object_id, index_id';
export const INDEX_COLUMNS =
  'select object_id, index_id, column_id from sys.index_columns where is_included_column = 0 and key_ordinal > 0 order by object_id, index_id, key_ordinal';
export const FOREIGN_KEYS =
  'select object_id, parent_object_id, referenced_object_id from sys.foreign_keys order by name';
export const FOREIGN_KEY_COLUMNS =
  'select constraint_object_id, parent_column_id, referenced_column_id from sys.foreign_key_columns order by constraint_object_id, constraint_column_id';
export const COMMENTS =
  "select major_id, minor_id, convert(nvarchar(4000), value) as comment from sys.extended_properties where class = 1 and name = 'MS_Description'";
export const PARAMETERS =
  'select object_id, parameter_id, name, user_type_id, system_type_id, max_length, precision, scale, is_output, has_default_value from sys.parameters order by object_id, parameter_id';
export const SYNONYMS =
  'select object_id, schema_id, name, base_object_name, object_id(base_object_name) as target from sys.synonyms order by name';

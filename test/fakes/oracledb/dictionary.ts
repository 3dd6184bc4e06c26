// The data dictionary of the stand-in: the views that the adapter reads, as tables of SQLite.

import type { DatabaseSync } from 'node:sqlite';

const VIEWS: Readonly<Record<string, string>> = {
  product_component_version: 'product, version',
  nls_database_parameters: 'parameter, value',
  all_users: 'username, oracle_maintained',
  all_synonyms: 'owner, synonym_name, table_owner, table_name, db_link',
  all_tables: 'owner, table_name, iot_type, nested, secondary, dropped',
  all_external_tables: 'owner, table_name',
  all_views: 'owner, view_name',
  all_tab_comments: 'owner, table_name, comments',
  all_tab_cols:
    'owner, table_name, column_name, data_type, data_type_owner, data_length, data_precision, data_scale, nullable, char_length, char_used, default_length, virtual_column, identity_column, collation, hidden_column, column_id',
  all_col_comments: 'owner, table_name, column_name, comments',
  all_constraints:
    'owner, constraint_name, constraint_type, table_name, r_owner, r_constraint_name, status, validated',
  all_cons_columns: 'owner, constraint_name, column_name, position',
  all_indexes: 'table_owner, table_name, owner, index_name, uniqueness, index_type, visibility, status',
  all_ind_columns: 'index_owner, index_name, column_name, column_position, table_owner',
  all_tab_identity_cols: 'owner, table_name, column_name, generation_type',
  all_triggers: 'table_owner, table_name, trigger_type, triggering_event, status',
  all_procedures:
    'owner, object_name, procedure_name, object_type, overload, subprogram_id, pipelined, aggregate',
  all_arguments:
    'owner, package_name, object_name, subprogram_id, argument_name, position, data_type, in_out, defaulted, data_length, data_precision, data_scale, char_length, char_used, type_owner, type_name, type_subname, data_level',
  all_coll_types: 'owner, type_name, elem_type_owner, elem_type_name',
  all_type_attrs:
    'owner, type_name, attr_name, attr_type_owner, attr_type_name, length, precision, scale, attr_no',
};

export type DictionaryRow = Readonly<Record<string, string | number>>;

export function createDictionary(database: DatabaseSync): void {
  for (const [view, columns] of Object.entries(VIEWS)) database.exec(`create table ${view} (${columns})`);
}

export function addRow(database: DatabaseSync, view: string, row: DictionaryRow): void {
  const names = Object.keys(row);
  database
    .prepare(`insert into ${view} (${names.join(', ')}) values (${names.map(() => '?').join(', ')})`)
    .run(...Object.values(row));
}

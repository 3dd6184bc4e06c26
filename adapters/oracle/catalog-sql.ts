// Knows: the questions to the data dictionary, as the versions from 11.2 on have it.
// Must not know: what is made of the answers. Written as text: Kysely would add nothing to fixed statements. `$IN` stands for the
// condition on an owner.

export const VERSION = `select max(version) from product_component_version where product like 'Oracle%'`;

export const CHARSET = `select value from nls_database_parameters where parameter = 'NLS_CHARACTERSET'`;

/** Owners that the database itself has; before version 12 it does not say which those are. */
export const NOT_ORACLES = "in (select username from all_users where oracle_maintained = 'N')";
export const NOT_ORACLES_11 =
  "not in ('ANONYMOUS', 'APEX_PUBLIC_USER', 'APPQOSSYS', 'CTXSYS', 'DBSNMP', 'DIP', 'EXFSYS', 'FLOWS_FILES', 'MDDATA', 'MDSYS', 'MGMT_VIEW', 'OLAPSYS', 'ORACLE_OCM', 'ORDDATA', 'ORDPLUGINS', 'ORDSYS', 'OUTLN', 'OWBSYS', 'OWBSYS_AUDIT', 'PUBLIC', 'SI_INFORMTN_SCHEMA', 'SPATIAL_CSW_ADMIN_USR', 'SPATIAL_WFS_ADMIN_USR', 'SYS', 'SYSMAN', 'SYSTEM', 'WMSYS', 'XDB', 'XS$NULL')";

export const SYNONYMS = `
select owner, synonym_name, table_owner, table_name, db_link
from all_synonyms where owner $IN
order by owner, synonym_name`;

export const TABLES = `
select owner, table_name, iot_type, nested, secondary, dropped
from all_tables where owner $IN
order by owner, table_name`;

export const EXTERNAL_TABLES = 'select owner, table_name from all_external_tables where owner $IN';

export const VIEWS = `
select owner, view_name
from all_views where owner $IN
order by owner, view_name`;

export const COMMENTS = `
select owner, table_name, comments
from all_tab_comments where comments is not null and owner $IN`;

/** \`$IDENTITY\` and \`$COLLATION\`: columns that older versions do not have. */
export const COLUMNS = `
select owner, table_name, column_name, data_type, data_type_owner, data_length, data_precision, data_scale, nullable,
  char_length, char_used, default_length, virtual_column, $IDENTITY, $COLLATION
from all_tab_cols where hidden_column = 'NO' and owner $IN
order by owner, table_name, column_id`;

/** BY DEFAULT takes numbers that are given, ALWAYS does not. Not there before version 12. */
export const IDENTITIES = `
select owner, table_name, column_name
from all_tab_identity_cols where generation_type = 'BY DEFAULT' and owner $IN`;

/** What may number new rows: before version 12 there was no other way. */
export const INSERT_TRIGGERS = `
select table_owner, table_name
from all_triggers
where trigger_type = 'BEFORE EACH ROW' and triggering_event like '%INSERT%' and status = 'ENABLED' and table_owner $IN`;

export const COLUMN_COMMENTS = `
select owner, table_name, column_name, comments
from all_col_comments where comments is not null and owner $IN`;

/** Keys, and references to them; only what holds for every row. */
export const CONSTRAINTS = `
select owner, constraint_name, constraint_type, table_name, r_owner, r_constraint_name
from all_constraints
where constraint_type in ('P', 'U', 'R') and status = 'ENABLED' and validated = 'VALIDATED' and owner $IN
order by owner, constraint_name`;

export const CONSTRAINT_COLUMNS = `
select owner, constraint_name, column_name
from all_cons_columns where position is not null and owner $IN
order by owner, constraint_name, position`;

/** Indexes over plain columns, ascending, that the optimizer may use; those in descending order are over expressions. */
export const INDEXES = `
select table_owner, table_name, owner, index_name, uniqueness
from all_indexes
where index_type in ('NORMAL', 'NORMAL/REV', 'IOT - TOP') and visibility = 'VISIBLE' and status <> 'UNUSABLE'
  and table_owner $IN
order by table_owner, table_name, index_name`;

export const INDEX_COLUMNS = `
select index_owner, index_name, column_name
from all_ind_columns where table_owner $IN
order by index_owner, index_name, column_position`;

/** A row for each routine: those of packages have both names. */
export const ROUTINES = `
select owner, object_name, procedure_name, object_type, overload, subprogram_id, pipelined, aggregate
from all_procedures
where object_type in ('PROCEDURE', 'FUNCTION', 'PACKAGE') and owner $IN
order by owner, object_name, subprogram_id`;

/** The value that a function returns stands at position 0. Members of records and collections have a level below. */
export const ARGUMENTS = `
select owner, package_name, object_name, subprogram_id, argument_name, position, data_type, in_out, defaulted,
  data_length, data_precision, data_scale, char_length, char_used, type_owner, type_name, type_subname
from all_arguments
where data_level = 0 and data_type is not null and owner $IN
order by owner, package_name, object_name, subprogram_id, position`;

/** Members of the collection types of the schema level, whose elements are objects. */
export const ROW_TYPES = `
select c.owner, c.type_name, a.attr_name, a.attr_type_owner, a.attr_type_name, a.length, a.precision, a.scale
from all_coll_types c
join all_type_attrs a on a.owner = c.elem_type_owner and a.type_name = c.elem_type_name
where c.owner $IN
order by c.owner, c.type_name, a.attr_no`;

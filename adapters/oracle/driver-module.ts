// Knows: the part of the npm package `oracledb` that is used here. It is the seam at which tests put something else in its place.
// Must not know: what is done with it.

/** One of the module's DB_TYPE constants; compared by identity. */
export interface DbType {
  readonly name: string;
}

export const DB_TYPES = [
  'DB_TYPE_VARCHAR',
  'DB_TYPE_NVARCHAR',
  'DB_TYPE_CHAR',
  'DB_TYPE_NCHAR',
  'DB_TYPE_NUMBER',
  'DB_TYPE_BINARY_DOUBLE',
  'DB_TYPE_BOOLEAN',
  'DB_TYPE_RAW',
  'DB_TYPE_CLOB',
  'DB_TYPE_NCLOB',
  'DB_TYPE_BLOB',
  'DB_TYPE_DATE',
  'DB_TYPE_TIMESTAMP',
  'DB_TYPE_TIMESTAMP_TZ',
  'DB_TYPE_TIMESTAMP_LTZ',
  'DB_TYPE_CURSOR',
] as const;
export type DbTypeName = (typeof DB_TYPES)[number];

export interface Metadata {
  readonly name: string;
  readonly dbType?: DbType | number | undefined;
  /** Of a TIMESTAMP: digits of a second. */
  readonly precision?: number | undefined;
}

export interface Fetched {
  type?: DbType;
  /** What the driver would give → what it gives. */
  converter?: (value: unknown) => unknown;
}

export interface Bind {
  readonly dir?: number;
  readonly type?: DbType;
  readonly val?: unknown;
  readonly maxSize?: number;
}

export interface ExecuteOptions {
  readonly outFormat: number;
  readonly resultSet?: boolean;
  readonly fetchArraySize?: number;
  readonly prefetchRows?: number;
  readonly fetchTypeHandler: (metadata: Metadata) => Fetched | undefined;
}

export interface ResultSet {
  readonly metaData?: readonly Metadata[];
  getRows(rows: number): Promise<readonly unknown[]>;
  close(): Promise<void>;
}

export interface Lob {
  /** Bytes of a BLOB, characters of a CLOB. */
  readonly length: number;
  readonly type: DbType | number;
  getData(): Promise<string | Uint8Array>;
  close(): Promise<void>;
}

export interface Result {
  readonly resultSet?: ResultSet | undefined;
  readonly rows?: readonly unknown[] | undefined;
  readonly rowsAffected?: number | undefined;
  readonly outBinds?: unknown;
  /** Result sets that a block returned by DBMS_SQL.RETURN_RESULT. */
  readonly implicitResults?: readonly unknown[] | undefined;
}

export interface Connection {
  execute(sql: string, binds: Bind[], options: ExecuteOptions): Promise<Result>;
  /** Stops what runs on it: that rejects with ORA-01013. */
  break(): Promise<void>;
  ping(): Promise<void>;
  commit(): Promise<void>;
  rollback(): Promise<void>;
  /** Back to the pool, or `drop`: closed. */
  close(options?: { drop: boolean }): Promise<void>;
}

/** A connection that was just opened. */
export interface NewConnection extends Connection {
  /** How it reaches the server: TCP, TCPS. */
  readonly protocol?: string | undefined;
  /** Name that the server lists the session under. */
  module?: string | undefined;
}

export interface Pool {
  getConnection(): Promise<Connection>;
  /** With a time in seconds: connections in use are waited for as long, and then closed. */
  close(drainTime: number): Promise<void>;
}

export interface PoolAttributes {
  readonly connectString: string;
  readonly user?: string;
  readonly password?: string;
  readonly externalAuth?: boolean;
  readonly edition?: string;
  readonly configDir?: string;
  readonly walletLocation?: string;
  readonly walletPassword?: string;
  readonly sslServerDNMatch?: boolean;
  readonly sslServerCertDN?: string;
  readonly program?: string;
  readonly poolMin: number;
  readonly poolMax: number;
  readonly poolIncrement: number;
  readonly poolTimeout: number;
  readonly poolPingInterval: number;
  readonly maxLifetimeSession: number;
  readonly queueTimeout: number;
  readonly queueMax: number;
  readonly connectTimeout: number;
  readonly transportConnectTimeout: number;
  readonly expireTime: number;
  readonly sessionCallback: (connection: NewConnection, tag: string, done: (error?: unknown) => void) => void;
}

export type OracleModule = { readonly [name in DbTypeName]: DbType } & {
  readonly OUT_FORMAT_ARRAY: number;
  readonly BIND_IN: number;
  readonly BIND_OUT: number;
  readonly BIND_INOUT: number;
  /** Switches the whole process to the thick mode. */
  initOracleClient(options: { libDir: string; configDir?: string }): void;
  createPool(attributes: PoolAttributes): Promise<Pool>;
};

/** Loaded when a source is opened, and not with the adapter. */
export async function loadOracledb(): Promise<OracleModule> {
  return (await import('oracledb')).default;
}

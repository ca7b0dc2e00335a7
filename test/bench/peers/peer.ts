/** One library on the same work, in milliseconds. Every call begins and ends with an empty disk. */
export interface Peer {
  readonly name: string;
  /** Each write durable before the next. */
  writeEach(writes: number): Promise<number>;
  /** All at once, by the bulk call where there is one, until all is durable. */
  writeBulk(writes: number): Promise<number>;
  /** Durable writes until the server has them all. */
  drain(origin: string, writes: number): Promise<number>;
  /** From nothing to all entities in memory. Null: it keeps none on disk. */
  startUp(entities: number): Promise<number | null>;
}

/** What one library took. */
export interface PeerResult {
  readonly name: string;
  readonly writeEachMs: number;
  readonly writeBulkMs: number;
  readonly drainFewMs: number;
  readonly drainManyMs: number;
  readonly startUpMs: number | null;
}

declare module 'fast-json-patch/module/core.mjs' {
  /** Does one operation of RFC 6902 to `document` itself. */
  export function applyOperation(document: object, operation: { op: string; path: string; value?: unknown }): unknown;
}

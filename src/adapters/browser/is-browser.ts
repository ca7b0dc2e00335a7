/** Whether this is a page or a worker of a browser. Servers have some of the same globals, but no tabs. */
export function isBrowser(): boolean {
  return typeof globalThis.isSecureContext === 'boolean';
}

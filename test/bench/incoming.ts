/** The collection whose feed has changes at the loopback server; that of every other one is empty. */
export const incoming = 'incoming';
export const incomingChanges = 10_000;

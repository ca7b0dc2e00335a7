export { createFileStorage } from './file-storage.ts';
export type { KeyValueStorage } from '../ports/storage.ts';

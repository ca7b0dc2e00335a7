/** Interfaces as apps have them: nested, readonly, optional, without an index signature. */
export interface Address {
  readonly street: string;
  readonly geo?: { readonly lat: number; readonly lon: number };
}

export interface User {
  id: string;
  name: string;
  email?: string;
  address: Address;
  readonly roles: readonly ('admin' | 'member')[];
  contacts: readonly { readonly id: string; readonly label: string | null }[];
}

export type Task = {
  readonly id: string;
  title: string;
  done: boolean;
  assignee?: string | null;
};

/** One that keeps the metadata in its own type. */
export interface Note {
  id: string;
  updatedAt: string;
  version?: number;
  text: string;
}

/** Several kinds in one collection. */
export type Item =
  | { readonly id: string; readonly kind: 'text'; readonly text: string }
  | { readonly id: string; readonly kind: 'image'; readonly url: string; readonly width: number };

export interface Collections {
  users: User;
  tasks: Task;
  notes: Note;
  items: Item;
}

export type CollectionsAlias = { users: User; tasks: Task; notes: Note; items: Item };

export declare const user: User;
export declare const task: Task;
export declare const note: Note;
export declare const item: Item;

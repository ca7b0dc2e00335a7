import { bindField, type BoundField } from './bound-field.ts';
import { element } from './element.ts';
import { icon } from './icon.ts';
import { placeInOrder } from './place-in-order.ts';
import type { Note } from './task.ts';

export interface NoteList {
  readonly element: HTMLElement;
  show(notes: readonly Note[]): void;
}

interface Row {
  readonly element: HTMLElement;
  readonly field: BoundField;
}

/** Rows of text that are told apart by id, so that both sides may add and edit them. */
export function createNoteList(edit: (change: (notes: readonly Note[]) => readonly Note[]) => void): NoteList {
  const rows = new Map<string, Row>();
  const list = element('ul', { class: 'notes' });
  const addButton = element(
    'button',
    { type: 'button', class: 'bare add-note', 'data-testid': 'note-add', onclick: () => addNote() },
    icon('plus'),
    'Note',
  );

  const addNote = () => {
    const id = crypto.randomUUID();
    edit((notes) => [...notes, { id, text: '' }]);
    rows.get(id)?.element.querySelector('textarea')?.focus();
  };

  const createRow = (id: string): Row => {
    const text = element('textarea', {
      class: 'quiet',
      'data-testid': 'note-text',
      'aria-label': 'Note',
      placeholder: 'Write a note',
      rows: 1,
    });
    const remove = () => {
      addButton.focus();
      edit((notes) => notes.filter((note) => note.id !== id));
    };
    const removeButton = element(
      'button',
      { type: 'button', class: 'bare', 'aria-label': 'Remove note', onclick: remove },
      icon('close'),
    );
    const field = bindField(text, (value) =>
      edit((notes) => notes.map((note) => (note.id === id ? { ...note, text: value } : note))),
    );
    return { element: element('li', { 'data-note': id }, text, removeButton), field };
  };

  const rowOf = (id: string) => {
    const row = rows.get(id) ?? createRow(id);
    rows.set(id, row);
    return row;
  };

  return {
    element: element('div', { class: 'note-list' }, list, addButton),
    show(notes) {
      const wanted = new Set(notes.map((note) => note.id));
      for (const [id, row] of rows) {
        if (wanted.has(id)) continue;
        row.element.remove();
        rows.delete(id);
      }
      for (const note of notes) rowOf(note.id).field.show(note.text);
      placeInOrder(
        list,
        notes.map((note) => rowOf(note.id).element),
      );
    },
  };
}

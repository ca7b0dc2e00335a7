import fc from 'fast-check';
import { expect, test } from 'vitest';
import { caretAfter } from '../../visualizations/playground/page/caret.ts';
import { runProperty } from '../core/run-property.ts';

test.each([
  ['text before it grows', 'one |two', 'zero one |two'],
  ['text before it shrinks', 'one |two', '|two'],
  ['text after it changes', 'one |two', 'one |three'],
  ['the text is the same', 'one| two', 'one| two'],
  ['the text around it goes', 'a b|c d', 'a | d'],
  ['everything goes', 'abc|', '|'],
])('a caret stays with its neighbours when %s', (_, before, after) => {
  const offset = before.indexOf('|');
  expect(caretAfter(before.replace('|', ''), after.replace('|', ''), offset)).toBe(after.indexOf('|'));
});

test('a caret stays within the text and where nothing before it changed', () => {
  runProperty(
    fc.property(fc.string(), fc.string(), fc.string(), fc.nat(), (head, before, after, at) => {
      const offset = at % (head.length + before.length + 1);
      const caret = caretAfter(head + before, head + after, offset);
      expect(caret).toBeGreaterThanOrEqual(0);
      expect(caret).toBeLessThanOrEqual(head.length + after.length);
      if (offset <= head.length) expect(caret).toBe(offset);
    }),
  );
});

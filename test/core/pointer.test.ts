import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SyncError } from '../../src/core/errors.ts';
import { escapeToken, formatPointer, parsePointer } from '../../src/core/pointer.ts';
import { runProperty } from './run-property.ts';

test.each<[pointer: string, tokens: string[]]>([
  ['', []],
  ['/', ['']],
  ['/a', ['a']],
  ['/a/0/b', ['a', '0', 'b']],
  ['/a~1b/m~0n', ['a/b', 'm~n']],
  ['/~01', ['~1']],
  ['//', ['', '']],
])('the pointer %j has the tokens %j', (pointer, tokens) => {
  expect(parsePointer(pointer)).toEqual(tokens);
  expect(formatPointer(tokens)).toBe(pointer);
});

test.each(['a', 'a/b', '/~', '/~2', '/a~', '#/a', ' /a'])('%j is no pointer', (pointer) => {
  expect(() => parsePointer(pointer)).toThrow(SyncError);
  expect(() => parsePointer(pointer)).toThrow(expect.objectContaining({ code: 'invalid-patch', path: pointer }));
});

test('any tokens come back from the pointer they make', () => {
  const token = fc.oneof(fc.string(), fc.stringMatching(/^[~/01]*$/));
  runProperty(
    fc.property(fc.array(token), (tokens) => {
      expect(parsePointer(formatPointer(tokens))).toEqual(tokens);
      expect(formatPointer(tokens)).toBe(tokens.map((each) => `/${escapeToken(each)}`).join(''));
    }),
  );
});

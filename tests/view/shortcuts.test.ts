import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { keysOf, matches, SHORTCUTS, type ShortcutId } from '../../src/view/kit/shortcuts';

const ids = Object.keys(SHORTCUTS) as ShortcutId[];
const pressed = (keys: Partial<KeyboardEvent>) => ({
  key: '',
  code: '',
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  ...keys,
});

describe('the table of shortcuts', () => {
  test('every one that the sheet shows is bound by a view, through the table', () => {
    const view = new URL('../../src/view/', import.meta.url);
    const text = (readdirSync(view, { recursive: true }) as string[])
      .filter((path) => /\.tsx?$/.test(path) && !path.endsWith('kit/shortcuts.ts') && !path.startsWith('locales'))
      .map((path) => readFileSync(new URL(path, view), 'utf8'))
      .join('\n');
    const bound = (id: ShortcutId) =>
      'editors' in SHORTCUTS[id] || new RegExp(`'${id}'|\\b${id}: '(up|down|in|out)'`).test(text);
    expect(ids.filter((id) => !bound(id))).toEqual([]);
  });

  test('no two that count in one place have the same keys', () => {
    for (const group of new Set(ids.map((id) => SHORTCUTS[id].group))) {
      const keys = ids.filter((id) => SHORTCUTS[id].group === group).flatMap((id) => [...SHORTCUTS[id].keys]);
      expect(new Set(keys).size).toBe(keys.length);
    }
  });

  test('letters are keys of the keyboard under any layout, and modifiers have to fit', () => {
    expect(matches(pressed({ key: 'л', code: 'KeyK', ctrlKey: true }), 'search')).toBe(true);
    expect(matches(pressed({ key: 'k', code: 'KeyK', metaKey: true }), 'search')).toBe(true);
    expect(matches(pressed({ key: 'k', code: 'KeyK', ctrlKey: true, shiftKey: true }), 'search')).toBe(false);
    expect(matches(pressed({ key: 'k', code: 'KeyK' }), 'search')).toBe(false);
    expect(matches(pressed({ key: 'ю', code: 'Period', ctrlKey: true }), 'inspector')).toBe(true);
    expect(matches(pressed({ key: '?', code: 'Digit7', shiftKey: true }), 'shortcuts')).toBe(true);
    expect(matches(pressed({ key: 'ArrowLeft', altKey: true }), 'back')).toBe(true);
  });

  test('keys are called as on the machine', () => {
    expect(keysOf('redo', false)).toEqual(['Ctrl', 'Shift', 'Z']);
    expect(keysOf('redo', true)).toEqual(['⌘', '⇧', 'Z']);
    expect(keysOf('moveUp', false)).toEqual(['Alt', '↑']);
  });
});

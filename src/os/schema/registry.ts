/**
 * All that the applications declared, looked up by name: commands, queries, types and who may write what.
 * Arguments come from scripts, pages and extensions: hostile until `checkArgs` has copied them.
 */
import { assert } from '../../base/assert';
import { isHex } from '../../base/bytes';
import { err, ok, type Result } from '../../base/result';
import type { CommandInfo, Refusal } from '../../bridge/messages';
import type { SchemaRules } from '../../vm/graph/engine';
import {
  type App,
  type ArgRule,
  type ArgRules,
  type ArgsOf,
  type Command,
  type Deed,
  type Query,
  refusal,
  type SearchRule,
  type TypeRule,
} from './define';
import { canonicalJson } from './json';
import { systemTypes } from './system';

export type Registry = {
  /** By full name, such as `chat.send`. */
  command(name: string): Command | undefined;
  deed(name: string): Deed | undefined;
  query(name: string): Query | undefined;
  typeRule(type: string): TypeRule | undefined;
  /** The types that full-text search looks at. */
  searched(): ReadonlyMap<string, Searched>;
  /** The types that applications declare, without the system's own. */
  applicationTypes(): ReadonlyMap<string, TypeRule>;
  commands(): readonly CommandInfo[];
  queries(): readonly CommandInfo[];
};

/** `app`: the application that the type is of, and what else it is called. */
export type Searched = Pick<TypeRule, 'home'> & {
  readonly app: string;
  readonly called: readonly string[];
  readonly rule: SearchRule;
};

/** Two apps that claim one name are a bug: throws. */
export const createRegistry = (apps: readonly App[]): Registry => {
  const commands = new Map<string, Command>();
  const deeds = new Map<string, Deed>();
  const queries = new Map<string, Query>();
  const types = typesOf(apps);
  const own = new Map([...types].filter(([type]) => !Object.hasOwn(systemTypes, type)));
  const searched = new Map<string, Searched>();
  for (const app of apps) {
    for (const [type, { home, search: rule }] of Object.entries(app.types))
      if (rule) searched.set(type, { app: app.name, called: app.called ?? [], home, rule });
    for (const [name, command] of Object.entries(app.commands)) claim(commands, `${app.name}.${name}`, command);
    for (const [name, deed] of Object.entries(app.deeds ?? {})) {
      assert(!commands.has(`${app.name}.${name}`), `${name} is declared twice`);
      claim(deeds, `${app.name}.${name}`, deed);
    }
    for (const [name, query] of Object.entries(app.queries)) claim(queries, `${app.name}.${name}`, query);
  }
  return {
    command: (name) => commands.get(name),
    deed: (name) => deeds.get(name),
    query: (name) => queries.get(name),
    typeRule: (type) => types.get(type),
    searched: () => searched,
    applicationTypes: () => own,
    commands: () => catalogue(new Map<string, Command | Deed>([...commands, ...deeds])),
    queries: () => catalogue(queries),
  };
};

const claim = <T>(byName: Map<string, T>, name: string, value: T): void => {
  assert(!byName.has(name), `${name} is declared twice`);
  byName.set(name, value);
};

const typesOf = (apps: readonly App[]): ReadonlyMap<string, TypeRule> => {
  const types = new Map<string, TypeRule>(Object.entries(systemTypes));
  for (const app of apps) for (const [type, rule] of Object.entries(app.types)) claim(types, type, rule);
  return types;
};

const catalogue = (
  declared: ReadonlyMap<string, { readonly describes: string; readonly args: ArgRules }>,
): readonly CommandInfo[] =>
  [...declared]
    .map(([name, { args, describes }]) => ({ name, args, describes }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));

/** Ids are 16 bytes (nodes) or 32 (spaces, people, entries). */
const isId = (value: unknown): value is string => isHex(value, 16) || isHex(value, 32);

/**
 * Copies what `rules` name out of `args` and refuses the rest. `undefined` stands for no arguments at all; an optional
 * argument may be `undefined`, never null. Only own properties count, so nothing arrives through a prototype.
 */
export const checkArgs = <R extends ArgRules>(name: string, rules: R, args: unknown): Result<ArgsOf<R>, Refusal> => {
  const given = args === undefined ? {} : args;
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return bad(`${name} takes named arguments`);
  for (const key of Reflect.ownKeys(given)) {
    if (typeof key !== 'string' || !Object.hasOwn(rules, key)) {
      return bad(`${name} knows no argument "${String(key).slice(0, 40)}"`);
    }
  }
  const checked: Record<string, unknown> = {};
  for (const [key, rule] of Object.entries(rules)) {
    const value = Object.hasOwn(given, key) ? (given as Record<string, unknown>)[key] : undefined;
    if (value === undefined) {
      if (!rule.optional) return bad(`${name} needs "${key}"`);
      continue;
    }
    const copy = checkValue(rule, value);
    if (!copy.ok) return bad(`${name}: "${key}" ${copy.error}`);
    checked[key] = copy.value;
  }
  return ok(checked as ArgsOf<R>);
};

const checkValue = (rule: ArgRule, value: unknown): Result<unknown, string> => {
  switch (rule.type) {
    case 'text':
      if (typeof value !== 'string') return err('is not text');
      return value.length > rule.max ? err(`is longer than ${rule.max} characters`) : ok(value);
    case 'id':
      return isId(value) ? ok(value) : err('is not an id: 32 or 64 characters of lower-case hex');
    case 'number':
      return typeof value === 'number' && Number.isFinite(value) ? ok(value) : err('is not a finite number');
    case 'flag':
      return typeof value === 'boolean' ? ok(value) : err('is neither true nor false');
    case 'json': {
      const text = canonicalJson(value, rule.max);
      return text.ok ? ok(JSON.parse(text.value)) : err(`is not JSON: ${text.error.message}`);
    }
  }
};

const bad = (message: string): Result<never, Refusal> =>
  err(refusal('badArguments', `${message}.`, 'Nothing was changed.', 'Correct the arguments and run it again.'));

/** What the fold enforces on every node; a name that nobody declared is for Members. Names arrive in ops: hostile. */
export const schemaRules = (apps: readonly App[]): SchemaRules => {
  const types = typesOf(apps);
  return {
    field: (nodeType, key) => {
      const fields = types.get(nodeType)?.fields;
      return (fields && Object.hasOwn(fields, key) ? fields[key] : undefined) ?? 'members';
    },
    deletion: (nodeType) => types.get(nodeType)?.deletion ?? 'members',
    relation: () => 'members',
  };
};

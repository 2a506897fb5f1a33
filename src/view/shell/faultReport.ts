/**
 * What can be told about a fault without telling anything of the person: where in the program, in which version, in what
 * browser. No content, names, keys, ids or addresses: of a message only what the browser itself words, without the values in
 * it; of a place its kind; of a file its name. Pure. The person reads it before anybody else does.
 */
export type Fault = { readonly error: unknown; readonly components: string };
type Circumstances = {
  /** The kind of place, such as `document`. */
  readonly place: string;
  readonly version: string;
  readonly protocol: string;
  readonly build: string;
  readonly browser: string;
  readonly language: string;
  readonly width: number;
  readonly height: number;
  readonly online: boolean;
  /** ms; told to the hour. */
  readonly at: number;
};

/** Errors that the browser makes: their words are its own, apart from values in quotes. */
const ITS_OWN = new Set(['TypeError', 'RangeError', 'ReferenceError', 'SyntaxError', 'InternalError']);
const MAX_WORDS = 160;
const MAX_FRAMES = 12;
const MAX_BROWSER = 200;

export function faultReport({ error, components }: Fault, about: Circumstances): string {
  const hour = `${new Date(about.at).toISOString().slice(0, 13)}:00Z`;
  return [
    `LGOS ${plain(about.version)} (${plain(about.build)}), protocol ${plain(about.protocol)}`,
    `fault: ${wordsOf(error)}`,
    `in: ${plain(about.place)}`,
    `at: ${hour}, ${about.online ? 'online' : 'offline'}, ${plain(about.language)}, ${about.width}x${about.height}`,
    `browser: ${about.browser.replace(/[^\w .,;:()/+-]/g, '').slice(0, MAX_BROWSER)}`,
    'stack:',
    ...framesOf(error instanceof Error ? (error.stack ?? '') : '').map((frame) => `  ${frame}`),
    'components:',
    ...framesOf(components).map((frame) => `  ${frame}`),
  ].join('\n');
}

const plain = (text: string): string => text.replace(/[^\w.+-]/g, '').slice(0, 60);

function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const name = /^[A-Z][A-Za-z]{0,30}Error$/.test(error.name) ? error.name : 'Error';
  if (!ITS_OWN.has(name)) return name;
  const words = error.message
    // A value, unless it is the name of a property that was read.
    .replace(/\(reading '([A-Za-z_$][\w$]{0,30})'\)/g, '(reading $1)')
    .replace(/(["'`“”«»]).*["'`“”«»]/g, '…')
    .replace(/\S*:\/\/\S*/g, '…')
    .replace(/[0-9a-f]{8,}/gi, '…')
    .replace(/[^\x20-\x7e…]+/g, '…');
  return `${name}: ${words.slice(0, MAX_WORDS)}`;
}

/** `name (file:line:column)`, of Chromium, Firefox and Safari; what is none of it is left out. */
function framesOf(stack: string): readonly string[] {
  const frames: string[] = [];
  for (const line of stack.split('\n')) {
    const found =
      /^\s*(?:at\s+)?([\w$.<>]*)?\s*[@(]?\s*(?:async\s+)?\S*\/([\w.-]+\.\w+)(?:\?\S*?)?:(\d+):(\d+)\)?\s*$/.exec(line);
    if (found) frames.push(`${found[1] ?? ''} (${found[2]}:${found[3]}:${found[4]})`.trim());
  }
  return frames.slice(0, MAX_FRAMES);
}

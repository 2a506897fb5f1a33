/** What a browser is called in a list of devices, from what it says of itself: "Chrome, Linux". Names only, no versions. */

const BROWSERS: readonly (readonly [RegExp, string])[] = [
  [/\bEdgA?\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\bYaBrowser\//, 'Yandex'],
  [/\b(Firefox|FxiOS)\//, 'Firefox'],
  [/\b(Chrome|CriOS|HeadlessChrome)\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
];
const SYSTEMS: readonly (readonly [RegExp, string])[] = [
  [/\bAndroid\b/, 'Android'],
  [/\biPhone\b/, 'iPhone'],
  [/\biPad\b/, 'iPad'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b/, 'macOS'],
  [/\bLinux\b/, 'Linux'],
];
const first = (table: typeof BROWSERS, agent: string): string =>
  table.find(([pattern]) => pattern.test(agent))?.[1] ?? '';

/** Whether the browser says that bytes are dear: a mobile network, or its data saver. Browsers that say nothing are not asked to guess. */
export const isMetered = (source: object): boolean => {
  const { connection } = source as { readonly connection?: { readonly saveData?: boolean; readonly type?: string } };
  return connection?.saveData === true || connection?.type === 'cellular';
};

/** Empty where it says nothing that is known. */
export const agentName = (agent: string): string =>
  [first(BROWSERS, agent), first(SYSTEMS, agent)].filter((part) => part !== '').join(', ');

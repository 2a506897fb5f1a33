/** Words about what is written and how it is shown, English. */
export const writingEn = {
  candidates: 'People and objects to name',
  'markup.code': 'code',
  'markup.copied': 'Copied',
  'markup.copy': 'Copy code',
  'markup.done': 'Done',
  'markup.open': 'Not done',
  'named.left': 'Not a member any more',
  'named.removed': 'removed',
} as const;

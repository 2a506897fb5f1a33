/** The words of what this device keeps: texts whose changes lie with others, and states that are still checked. Spread into en.ts. */
export const keptEn = {
  'kept.compacted':
    'The earlier changes of {n, plural, one {# document} other {# documents}} lie with others, which saves {size}; looking at an earlier state fetches them.',
  'kept.fetching': 'Earlier changes lie with others. Fetching them from {name}: {got, number} of {total, number}.',
  'kept.light': 'On this device, earlier changes with others',
  'kept.unreachable':
    'Earlier changes of this document lie with others, and nobody who has them answers now. They are shown once {names} can be reached.',
  'kept.unreachableUnknown':
    'Earlier changes of this document lie with others, and nobody who has them answers now. They are shown once somebody of the space can be reached.',
  'sync.explain.history':
    'What you see comes from a state that others of this space have signed. The changes behind it are on their way and are checked; then what they give is shown.',
  'sync.history': 'Checking history, {percent}%',
} as const;

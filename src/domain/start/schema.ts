/** Settings of a person about their first steps. */
export const DEMO = 'start/demo';
export const DISMISSED = 'start/dismissed';

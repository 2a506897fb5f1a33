/** The words of the frame: sidebar, places, shortcuts, the inspector, the trash, settings. Spread into en.ts. */
export const shellEn = {
  copyLink: 'Copy link',
  'copyLink.done': 'The link is copied. Who is in the space can open it.',
} as const;

/** The words of how well work is kept. Spread into en.ts. */
export const healthEn = {
  health: 'Copies',
  'health.green': 'Well kept',
  'health.yellow': 'Few copies',
  'health.red': 'Too few copies',
  'health.unknown': 'Not known yet',
  'health.explain.green': 'As many copies as this space is to have, and one of them lasts.',
  'health.explain.yellow': 'Others have all of it, but fewer than this space is to have.',
  'health.explain.red':
    'No beacon, and fewer than two other devices, have all of this space. If this device is lost, so is what only it has.',
  'health.nowhere': 'Nobody else has all of it.',
  'health.elsewhere': 'Others with all of it: {where}.',
  'health.beacons': '{n, plural, one {# beacon} other {# beacons}}',
  'health.kept': '{n, plural, one {# browser that keeps it} other {# browsers that keep it}}',
  'health.others': '{n, plural, one {# browser that may clear it} other {# browsers that may clear it}}',
  'health.here.kept': 'This browser keeps its copy.',
  'health.here.mayGo': 'This browser may clear its copy when room is short, so it counts as a quarter.',
  'health.here.partly': 'Some of it is not on this device.',
  'health.doubted':
    '{n, plural, one {# device that stated to hold it did not show it when asked, and does not count.} other {# devices that stated to hold it did not show it when asked, and do not count.}}',
  'health.aim': 'Copies aimed at',
  'health.aimOf': '{n, plural, one {# with this one} other {# with this one}}',
  'sync.explain.thin': 'Your changes are held, but fewer than two others have all of this space.',
  'sync.thin': 'Others lack some of it',
} as const;

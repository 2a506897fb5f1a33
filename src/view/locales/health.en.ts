/** The words of how well work is kept. Spread into en.ts. */
export const healthEn = {
  health: 'Copies',
  'health.green': 'Well kept',
  'health.yellow': 'Fewer copies than wanted',
  'health.red': 'Too few copies',
  'health.unknown': 'Not known yet',
  'health.explain.green': 'There are as many copies as this space should have, and at least one of them lasts.',
  'health.explain.yellow': 'All of it is kept elsewhere too, but in fewer copies than this space should have.',
  'health.explain.red':
    'No beacon has all of this space, nor do two other devices. If this device is lost, so is what only it has.',
  'health.nowhere': 'No whole copy elsewhere.',
  'health.elsewhere': 'Copies elsewhere: {where}.',
  'health.beacons': '{n, plural, one {# beacon} other {# beacons}}',
  'health.kept': '{n, plural, one {# browser that promised to keep it} other {# browsers that promised to keep it}}',
  'health.others': '{n, plural, one {# browser that may clear it} other {# browsers that may clear it}}',
  'health.here.kept': 'This browser promised to keep its own.',
  'health.here.mayGo':
    'This browser may clear its own when room is short. A copy that may be cleared counts as a quarter.',
  'health.here.partly': 'Some of it is not on this device.',
  'health.doubted':
    '{n, plural, one {# device said that it holds this, did not show it when asked, and does not count.} other {# devices said that they hold this, did not show it when asked, and do not count.}}',
  'health.aim': 'Copies wanted',
  'health.aimOf': '{n, plural, one {#, this one included} other {#, this one included}}',
  'banner.alone': 'You work alone for now. What you write is saved here and goes to the others when they are back.',
  'merge.line':
    '{n, plural, one {Together again: # change came from others.} other {Together again: # changes came from others.}}',
  'merge.conflicts': '{n, plural, one {# thing was changed twice.} other {# things were changed twice.}}',
  'merge.show': 'Show what came',
  'merge.dismiss': 'Dismiss',
  'merge.title': 'What came while you were apart',
  'merge.since': 'Apart since {when}. All of it is in the histories of the objects as well.',
  'merge.people': 'By whom',
  'merge.places': 'Where',
  'merge.outline': 'Titles and order',
  'merge.count': '{n, plural, one {# change} other {# changes}}',
  'merge.twice': 'Changed twice',
  'merge.twiceMeans':
    'You and others changed the same thing without knowing of each other. One version holds; the other is in the history of the object, where a click brings it back.',
  'merge.field':
    '{who, select, you {the {field} that you set does not hold} other {the {field} that {name} set does not hold}}',
  'merge.moved':
    '{who, select, you {you moved it too, but that does not hold} other {{name} moved it too, but that does not hold}}',
  'merge.more': '{n, plural, one {and # more} other {and # more}}',
  'merge.held':
    '{n, plural, one {# change is held: an Admin can take it over.} other {# changes are held: an Admin can take them over.}}',
  'sync.explain.thin': 'Your changes are held, but fewer than two others have all of this space.',
  'sync.thin': 'Others lack some of it',
} as const;

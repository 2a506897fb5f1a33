/** Words of Chat: threads, reading, pins, files. Spread into en.ts. */
export const chatEn = {
  'channel.allRead': 'Mark the whole space as read',
  'channel.allReadDone': 'Everything is marked as read.',
  level: 'Tell me of',
  'level.all': 'All messages',
  'level.is.all': 'Notifications: all messages',
  'level.is.mentions': 'Notifications: what names me',
  'level.is.none': 'Notifications: nothing',
  'level.mentions': 'What names me',
  'level.none': 'Nothing',
  'message.below': '{n, plural, one {# new} other {# new}}',
  'message.markUnread': 'Mark as unread from here',
  thread: 'Thread',
  'thread.also': 'Said in a thread, and here too',
  'thread.alsoTo': 'Also to {title}',
  'thread.count': '{n, plural, one {# reply} other {# replies}}',
  'thread.last': 'last {when}',
  'thread.missing': 'This message is not on this device, or it was removed.',
  'thread.news':
    '{n, plural, one {# new reply} other {# new replies}} in {threads, plural, one {# thread} other {# threads}}',
  'thread.reply': 'Reply in thread',
  'thread.unread': '{n, plural, one {# new} other {# new}}',
} as const;

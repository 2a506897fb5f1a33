/** Spaces as files, English. */
export const exchangeEn = {
  export: 'Export a space',
  'export.action': 'Export',
  'export.what': 'Everything in “{title}”, in one zip file: what you can read here, and its signed history.',
  'export.keys': 'Who can bring it in again',
  'export.keys.sealed': 'With a passphrase',
  'export.keys.none': 'Members only',
  'export.keys.open': 'Anybody',
  'export.means.sealed':
    'The history in the file opens with the passphrase, on any device, without anybody else. Nobody can give you a new one.',
  'export.means.none':
    'The history in the file opens only for people who are in the space, with their recovery phrase or key file. To everybody else it says nothing.',
  'export.means.open':
    'Whoever gets the file can read everything in the space, and what is written in it later, until its keys change. Keep it as you keep your keys.',
  'export.passphrase': 'Passphrase',
  'export.passphraseHint': 'At least {n} characters.',
  'export.readable': 'Also as Markdown and JSON',
  'export.readableMeans':
    'Documents, channels and all objects as files that any program reads. They are not encrypted: whoever gets the zip reads them.',
  'export.notReadable': 'The zip then holds the encrypted history alone.',
  'export.history': 'Putting the history together: {n, plural, one {# change} other {# changes}} of {total, number}.',
  'export.files': 'Writing files: {n, plural, one {# is} other {# are}} done.',
  'export.stop': 'Stop',
  'export.away':
    '{n, plural, one {# file ({size}) is} other {# files ({size} together) are}} not on this device, and would be missing in the export.',
  'export.coming': '{n, plural, one {# of them is} other {# of them are}} asked for, and come from whoever has them.',
  'export.fetch': 'Fetch them first',
  'export.without': 'Export without them',
  'export.saved': '“{title}” was saved as {name}.',
  'export.edited': 'edited',
  'export.removed': 'This message was removed.',
  'export.erased': 'This message was erased for good.',
  'export.missing': 'These files have not come to this device yet, so they could not be exported.',
  'export.readme':
    '{title}\nExported from LifeGraph OS, {at}\n\njournal.lgos\n  The whole history of the space, signed change by signed change, with its files. LifeGraph OS brings it in again\n  (Settings, Spaces as files) and checks every signature. {keys}{readable}',
  'export.readmeKeys.sealed': 'Its keys are under the passphrase that was chosen.',
  'export.readmeKeys.none': 'It holds no keys: only people who are in the space can read it.',
  'export.readmeKeys.open': 'Its keys are in it: whoever has this file can read the space. Keep it safe.',
  'export.readmeReadable':
    '\n\ndocuments/   each document as Markdown, in folders as in the space\nchannels/    each channel as Markdown and as JSON, its files beside it\nobjects.json everything in the space, object by object, with ids and times\npeople.json  who was in the space, in which role\n\nThese files are not encrypted, and nothing checks them: what counts is the journal.',
  import: 'Bring in a space from a file',
  'import.what':
    'A zip that was exported from LifeGraph OS, or the journal.lgos in it. Every signature is checked. A space that is here already learns what it lacks.',
  'import.pick': 'Choose a file',
  'import.action': 'Bring in',
  'import.sealed': 'Its keys are under a passphrase.',
  'import.passphrase': 'Passphrase of the file',
  'import.count': '{n, number} of {total, plural, one {# change} other {# changes}}.',
  'import.stop': 'Stop',
  'import.stopped': 'Stopped. Nothing of the file was kept.',
  'import.working': 'Checking signatures and building the space. A large one takes a while.',
  'import.new': '“{title}” is here: {n, plural, one {# change} other {# changes}}, every one of them checked.',
  'import.merged':
    '{n, plural, =0 {Nothing in the file is new: “{title}” had it all.} one {“{title}” learned # change.} other {“{title}” learned # changes.}}',
  'import.refused': '{n, plural, one {# change was} other {# changes were}} not taken: the space does not allow them.',
  'import.hash': 'State',
  'import.tooLarge': 'That file is too large: at most {size}.',
  'import.open': 'Open the space',
  exchange: 'Spaces as files',
  'exchange.hint':
    'Everything here can leave, and come back: also without a network, from hand to hand. What others wrote goes along.',
  'exchange.export': 'Export {title}',
  'exchange.remove': 'Remove from this device',
  'exchange.removeMeans': 'Its history and its keys leave this device. The file that brought it brings it back.',
  'exchange.archive': 'Brought by a file: you read it, and are not in it.',
} as const;

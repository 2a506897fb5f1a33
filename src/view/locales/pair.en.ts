/** The words of connecting without a server. Spread into en.ts. */
export const pairEn = {
  pair: 'Connect without a server',
  'pair.open': 'Connect without a server…',
  'pair.means':
    'Two devices in the same network connect directly, with no server and no internet. Begin on one of them; what it shows goes to the other as a picture or as a text, and its answer comes back.',
  'pair.first': 'This is the first device',
  'pair.second': 'The other device was first',
  'pair.space': 'A space that both have',
  'pair.begin': 'Begin',
  'pair.text': 'Text from the other device',
  'pair.take': 'Connect',
  'pair.gathering': 'Looking for the addresses of this device…',
  'pair.give': '1. Show this picture to the other device, or send it the text. Only members of the space can read it.',
  'pair.takeAnswer':
    '2. The other device answers with a text of its own. Scan or paste it here, and leave this open until then.',
  'pair.answer': 'Answer of the other device',
  'pair.giveBack': 'Show this answer to the first device, or send it the text.',
  'pair.waiting': 'Waiting for the first device to take it, until {when}…',
  'pair.connecting': 'Connecting…',
  'pair.linked':
    'Connected with {name}. Others of the space who are linked with either of you are met through this link.',
  'pair.qr': 'QR code for the other device',
  'pair.own': 'Text for the other device',
  'pair.copy': 'Copy text',
  'pair.failed.late': 'The ten minutes are over. Nothing was changed; begin again.',
  'pair.failed.unreachable': 'The two devices did not reach each other. Nothing was changed.',
  'pair.unreachable':
    'If they do not reach each other, a firewall or two different networks stand between them: put both into the same Wi-Fi, or into the hotspot of a phone. Where that cannot be, carry the changes in a file (Settings, Export).',
} as const;

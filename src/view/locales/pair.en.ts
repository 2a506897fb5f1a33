/** The words of connecting without a server. Spread into en.ts. */
export const pairEn = {
  pair: 'Connect without a server',
  'pair.open': 'Connect without a server…',
  'pair.means':
    'Two devices in the same network connect directly, with no server and no internet. Begin on one of them: it shows a code and a text. Give either to the other device, and bring its answer back.',
  'pair.first': 'Begin on this device',
  'pair.second': 'The other device has begun',
  'pair.space': 'A space that both have',
  'pair.begin': 'Begin',
  'pair.text': 'Text from the other device',
  'pair.take': 'Connect',
  'pair.gathering': 'Looking for the addresses of this device…',
  'pair.give': '1. Show this code to the other device, or send it the text. Only members of the space can read it.',
  'pair.takeAnswer':
    '2. The other device answers with a text of its own. Scan or paste it here, and leave this open until then.',
  'pair.answer': 'Answer of the other device',
  'pair.giveBack': 'Show this answer to the first device, or send it the text.',
  'pair.waiting': 'Waiting until {when} for the first device to take it…',
  'pair.connecting': 'Connecting…',
  'pair.linked': 'Connected with {name}. Members who are connected to either of you can now reach the other too.',
  'pair.qr': 'QR code for the other device',
  'pair.own': 'Text for the other device',
  'pair.copy': 'Copy text',
  'pair.failed.late': 'The ten minutes are over. Nothing was changed; begin again.',
  'pair.failed.unreachable': 'The two devices did not reach each other. Nothing was changed.',
  'pair.unreachable':
    'If the devices do not reach each other, a firewall is in the way, or they are in different networks: put both into the same Wi-Fi, or use the hotspot of a phone. Where that is not possible, carry the changes over in a file (Settings, Export).',
} as const;

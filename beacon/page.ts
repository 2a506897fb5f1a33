/** The page `/install-authority`: what the authority is, and how to install it, in English and Russian. No script. */

export type InstallPage = { readonly fingerprint: string; readonly host: string };

const escaped = (text: string): string => text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);

type Words = {
  readonly title: string;
  readonly why: string;
  readonly download: string;
  readonly compare: string;
  readonly steps: readonly (readonly [system: string, how: string])[];
  readonly open: string;
  readonly trust: string;
};

const ENGLISH: Words = {
  title: 'Let this device trust the LGOS on your network',
  why: 'A browser gives storage, keys and background work only to addresses it trusts. This machine made its own authority; install its certificate once on each device that will use LGOS here.',
  download: 'Download the certificate',
  compare: 'Compare this fingerprint with the one that the machine printed when LGOS started:',
  steps: [
    [
      'iPhone, iPad',
      'Open the file, then Settings > Profile Downloaded > Install. Then Settings > General > About > Certificate Trust Settings: switch it on.',
    ],
    [
      'Android',
      'Settings > Security > Encryption and credentials > Install a certificate > CA certificate, and choose the file.',
    ],
    [
      'Windows',
      'Open the file > Install Certificate > Current User > Place all certificates in: Trusted Root Certification Authorities.',
    ],
    [
      'macOS',
      'Open the file in Keychain Access, then open it there > Trust > When using this certificate: Always Trust.',
    ],
    [
      'Linux, Chrome',
      'Settings > Privacy and security > Security > Manage certificates > Authorities > Import: trust it for websites.',
    ],
    [
      'Firefox',
      'Settings > Privacy & Security > View Certificates > Authorities > Import: trust it to identify websites.',
    ],
  ],
  open: 'Then open LGOS',
  trust:
    'Install it only if you trust the people who run this machine: whoever holds its key could pretend to be any site to your device. You can remove it again in the same place.',
};

const RUSSIAN: Words = {
  title: 'Пусть это устройство доверяет LGOS в вашей сети',
  why: 'Браузер даёт хранилище, ключи и фоновую работу только тем адресам, которым доверяет. Эта машина создала собственный центр сертификации; установите его сертификат один раз на каждое устройство, где будете пользоваться LGOS.',
  download: 'Скачать сертификат',
  compare: 'Сравните этот отпечаток с тем, который машина показала при запуске LGOS:',
  steps: [
    [
      'iPhone, iPad',
      'Откройте файл, затем «Настройки» > «Профиль загружен» > «Установить». Потом «Настройки» > «Основные» > «Об этом устройстве» > «Доверие сертификатам»: включите.',
    ],
    [
      'Android',
      '«Настройки» > «Безопасность» > «Шифрование и учётные данные» > «Установить сертификат» > «Сертификат ЦС», выберите файл.',
    ],
    [
      'Windows',
      'Откройте файл > «Установить сертификат» > «Текущий пользователь» > «Поместить все сертификаты в»: «Доверенные корневые центры сертификации».',
    ],
    [
      'macOS',
      'Откройте файл в «Связке ключей», затем сертификат > «Доверие» > «При использовании этого сертификата»: «Всегда доверять».',
    ],
    [
      'Linux, Chrome',
      '«Настройки» > «Конфиденциальность и безопасность» > «Безопасность» > «Управление сертификатами» > «Центры сертификации» > «Импорт»: доверять для сайтов.',
    ],
    [
      'Firefox',
      '«Настройки» > «Приватность и защита» > «Просмотр сертификатов» > «Центры сертификации» > «Импортировать»: доверять при идентификации сайтов.',
    ],
  ],
  open: 'Затем откройте LGOS',
  trust:
    'Устанавливайте, только если доверяете тем, кто управляет этой машиной: владелец её ключа мог бы выдать себя вашему устройству за любой сайт. Удалить сертификат можно там же.',
};

const section = (
  language: string,
  words: Words,
  { fingerprint, host }: InstallPage,
): string => `<section lang="${language}">
<h1>${escaped(words.title)}</h1>
<p>${escaped(words.why)}</p>
<p><a class="button" href="/authority.crt" download="lgos-authority.crt">${escaped(words.download)}</a></p>
<p>${escaped(words.compare)}<br><code>${escaped(fingerprint)}</code></p>
<dl>${words.steps.map(([system, how]) => `<dt>${escaped(system)}</dt><dd>${escaped(how)}</dd>`).join('')}</dl>
<p><a href="https://${escaped(host)}/">${escaped(words.open)}</a></p>
<p class="note">${escaped(words.trust)}</p>
</section>`;

export const installPage = (page: InstallPage): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>LGOS</title><style>
body{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem;color:#1d2730;background:#f5f7f8}
section+section{border-top:1px solid #cfd8dc;margin-top:2.5rem;padding-top:1rem}
h1{font-size:1.4rem}dt{font-weight:600;margin-top:.75rem}dd{margin:0}code{word-break:break-all}
.button{display:inline-block;padding:.6rem 1rem;border-radius:.5rem;background:#0b5f6b;color:#fff;text-decoration:none}
.note{color:#4a5963}
</style></head><body>
${section('en', ENGLISH, page)}
${section('ru', RUSSIAN, page)}
</body></html>
`;

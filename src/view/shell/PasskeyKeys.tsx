/** The key file under a passkey, where the browser offers passkeys that give a secret: an extra beside phrase and passphrase. */
import { Download, Upload } from 'lucide-react';
import { Button } from '../kit/Button';
import { FilePick } from '../kit/FilePick';
import { saveFile } from '../kit/files';
import { t } from '../kit/i18n';
import { useCall, useQuery } from '../kit/kernel';
import { showNotice } from '../kit/Toasts';
import { usePasskeys } from './locking';
import { readPasskeyFile, writePasskeyFile } from './passkeyFile';

const MAX_FILE = 1024 * 1024;

export function PasskeyKeys() {
  const passkeys = usePasskeys();
  const recovery = useQuery('os.recovery', {});
  const call = useCall();
  if (!passkeys || recovery === undefined) return null;
  const save = async () => {
    const made = await passkeys.create(t('keys.passkeyName'));
    if (typeof made === 'string') return showNotice(t(`keys.trouble.${made}`));
    const { credential, input: asked, secret } = made;
    const keys = await call((client) => client.exportKeys(secret));
    if (!keys) return;
    saveFile(
      'lgos-passkey-keys.json',
      new Blob([writePasskeyFile({ credential, input: asked, keys: keys.value })], { type: 'application/json' }),
    );
    showNotice(t('keys.passkeySaved'));
  };
  const open = async (file: File) => {
    const read = file.size > MAX_FILE ? undefined : readPasskeyFile(await file.text());
    if (!read) return showNotice(t('keys.notOne'));
    const secret = await passkeys.ask(read);
    if (secret === 'cancelled' || secret === 'notOffered') return showNotice(t(`keys.trouble.${secret}`));
    if (await call((client) => client.importKeys(read.keys, secret)))
      showNotice(t('keys.opened'), { label: t('reload'), run: () => location.reload(), stays: true });
  };
  return (
    <>
      <p className="hint">{t('keys.passkeyMeans')}</p>
      <div className="row">
        {recovery.way === 'none' ? null : (
          <Button kind="line" size="large" icon={Download} onClick={() => void save()}>
            {t('keys.passkeySave')}
          </Button>
        )}
        <FilePick
          label={t('keys.passkeyOpen')}
          icon={Upload}
          accept="application/json,.json"
          onPick={(file) => void open(file)}
        />
      </div>
    </>
  );
}

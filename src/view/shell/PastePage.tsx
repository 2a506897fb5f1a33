/** Where any form of an invitation is put in: a link, a text with a link in it, or a code that somebody said. */
import type { FormEvent } from 'react';
import { useId, useState } from 'react';
import { useLocation } from 'wouter';
import type { Refusal } from '../../bridge/messages';
import { Button } from '../kit/Button';
import { t } from '../kit/i18n';
import { refusalOf, useKernel } from '../kit/kernel';
import { Refused } from '../kit/Refused';
import { paths } from '../kit/routes';
import { inWords, linkIn } from './inviting';

export function PastePage() {
  const client = useKernel();
  const [, go] = useLocation();
  const [pasted, setPasted] = useState('');
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const hint = useId();

  const follow = async (event: FormEvent) => {
    event.preventDefault();
    if (pasted.trim() === '' || busy) return;
    setRefusal(null);
    setBusy(true);
    try {
      const payload =
        linkIn(pasted) ?? linkIn((await client.run('os.readCode', { code: pasted.trim().slice(0, 40) })).url ?? '');
      if (payload === null) throw new Error(t('join.not.badLink'));
      await client.readInvite(payload);
      go(paths.join(payload));
    } catch (error) {
      setRefusal(refusalOf(error));
    }
    setBusy(false);
  };
  const told = refusal && inWords(refusal);
  return (
    <main className="join" id="main">
      <form className="card" onSubmit={(event) => void follow(event)}>
        <h1 className="h20">{t('paste')}</h1>
        <label className="label">
          <span>{t('paste.field')}</span>
          <textarea
            className="field"
            rows={4}
            // biome-ignore lint/a11y/noAutofocus: the page has one field
            autoFocus
            value={pasted}
            maxLength={20_000}
            aria-describedby={hint}
            spellCheck={false}
            autoComplete="off"
            onChange={(event) => setPasted(event.target.value)}
            onKeyDown={(event) => {
              if (event.key === 'Enter' && !event.shiftKey) void follow(event);
            }}
          />
        </label>
        <p className="hint" id={hint}>
          {t('paste.hint')}
        </p>
        {told ? <Refused {...told} /> : null}
        <div className="row end">
          <Button size="large" onClick={() => go(paths.home)}>
            {t('cancel')}
          </Button>
          <Button size="large" kind="primary" type="submit" disabled={busy || pasted.trim() === ''}>
            {t(busy ? 'paste.asking' : 'paste.go')}
          </Button>
        </div>
      </form>
    </main>
  );
}

/** No kernel answered: what happened, what is safe, what to do. */
import type { Refusal } from '../../bridge/messages';
import { Empty } from '../kit/Empty';
import { t } from '../kit/i18n';
import { translated } from '../kit/refusals';

export function StartFailed({ refusal: refused }: { refusal: Refusal }) {
  const refusal = translated(refused);
  return (
    <main role="alert" style={{ height: '100dvh' }}>
      <Empty
        text={`${refusal.message} ${refusal.safe} ${refusal.next}`}
        action={{ label: t('reload'), run: () => location.reload() }}
      />
    </main>
  );
}

/** "Why?" beside a person: the signed grants that their role rests on, as sentences, and what they may do or not. */
import { Check, Eye, X } from 'lucide-react';
import { Popover } from 'radix-ui';
import { linkWords, listed, missingWords } from '../kit/access';
import { Button } from '../kit/Button';
import { SkeletonRows } from '../kit/Empty';
import { t } from '../kit/i18n';
import { useQuery } from '../kit/kernel';
import { exactly, useNow } from '../kit/time';
import { useViewing } from '../kit/viewing';

export type WhyProps = {
  /** A space, or an object in one. */
  id: string;
  userId?: string;
  name: string;
  small?: boolean;
};

export function Why({ id, userId, name, small = true }: WhyProps) {
  return (
    <Popover.Root>
      <Popover.Trigger asChild>
        <Button size={small ? 'small' : 'usual'} className="why" aria-label={`${t('why')} ${name}`}>
          {t('why')}
        </Button>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          className="over pop why-pop"
          align="end"
          sideOffset={6}
          collisionPadding={8}
          aria-label={t('why.of', { name })}
        >
          <Reasons id={id} {...(userId === undefined ? {} : { userId })} />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

function Reasons({ id, userId }: { id: string; userId?: string }) {
  const answer = useQuery('os.explain', { id, ...(userId === undefined ? {} : { userId }) });
  const now = useNow();
  const me = useQuery('os.me', {});
  const spaces = useQuery('os.spaces', {});
  const { viewing, look } = useViewing();
  if (!answer) return <SkeletonRows rows={2} />;
  const { chain, actions, person, role } = answer;
  const space = spaces?.find((row) => row.id === answer.spaceId);
  const may = actions.filter(({ allowed }) => allowed);
  const not = actions.filter(({ allowed }) => !allowed);
  // What is missing is said once, for all that it keeps from.
  const reasons = new Map<string, string[]>();
  for (const { id: action, missing } of not) {
    const words = missing ? missingWords(missing, now) : '';
    reasons.set(words, [...(reasons.get(words) ?? []), t(`act.${action}`)]);
  }
  return (
    <>
      <p className="w6x">
        {person.name}
        {role === 'none' ? '' : `, ${t(`role.${role}`)}`}
      </p>
      {chain.length > 0 ? (
        <>
          <div className="h">{t('why.chain')}</div>
          <ol className="chain">
            {chain.map((link) => (
              <li key={link.id} title={`${exactly(link.at)}, ${t('device.short', { id: link.deviceId.slice(0, 8) })}`}>
                {linkWords(link, now)}
              </li>
            ))}
          </ol>
        </>
      ) : null}
      <div className="h">{t('why.may')}</div>
      <ul className="acts">
        {may.length > 0 ? (
          <li>
            <Check className="i" size={14} strokeWidth={2} aria-hidden />
            <span>{listed(may.map((each) => t(`act.${each.id}`)))}</span>
          </li>
        ) : null}
        {[...reasons].map(([words, acts]) => (
          <li key={words} className="t2">
            <X className="i t3" size={14} strokeWidth={2} aria-hidden />
            <span>{t('why.no', { act: listed(acts), reason: words })}</span>
          </li>
        ))}
      </ul>
      {role === 'none' || viewing || person.userId === me?.userId || !space ? null : (
        <Button
          size="small"
          icon={Eye}
          onClick={() => look({ spaceId: space.id, title: space.title, userId: person.userId, name: person.name })}
        >
          {t('viewing.startAs', { name: person.name })}
        </Button>
      )}
    </>
  );
}

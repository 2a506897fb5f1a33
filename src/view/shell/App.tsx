/**
 * The frame around every view: sidebar, top bar, the view, the inspector. It chooses the view from the address and owns
 * the keys that work everywhere. It keeps no data.
 */
import { lazy, Suspense, useEffect, useMemo, useState } from 'react';
import { Router, useLocation } from 'wouter';
import type { KernelClient } from '../../bridge/client';
import { Alerts } from '../hub/Alerts';
import { Presence } from '../hub/away';
import { useAddress } from '../kit/address';
import { BarSlot } from '../kit/bar';
import { Empty, SkeletonRows } from '../kit/Empty';
import { Pictures } from '../kit/Face';
import { t } from '../kit/i18n';
import type { Inspected, Inspection, Pointed } from '../kit/inspect';
import { InspectionContext } from '../kit/inspect';
import { KernelProvider, useKernel, useQuery } from '../kit/kernel';
import { useRail } from '../kit/preferences';
import type { Place } from '../kit/routes';
import { insideOf, paths, placeOf } from '../kit/routes';
import { useSpoken } from '../kit/speaking';
import { Toasts } from '../kit/Toasts';
import { TooltipProvider } from '../kit/Tooltip';
import { clientAs, useViewing, type Viewing, ViewingContext } from '../kit/viewing';
import { LabContext } from '../lab/port';
import { AccessBanner } from './AccessBanner';
import { ActionsProvider, useActions } from './actions';
import { Lines, useArrived } from './arriving';
import { Banners } from './Banners';
import { BottomBar } from './BottomBar';
import { Boundary } from './Boundary';
import { Keys } from './deeds';
import { Leaving } from './Leaving';
import { PhraseOffer, Returning, useRestart } from './Recovery';
import { Newcomers } from './Restored';
import { Sidebar } from './Sidebar';
import { TopBar } from './TopBar';
import { TravelBanner } from './TravelBanner';
import { Visits } from './Visits';

/** What is not seen at a first start comes when it is opened. */
const AuditPage = lazy(() => import('./AuditPage').then((module) => ({ default: module.AuditPage })));
const NetworkPage = lazy(() => import('./NetworkPage').then((module) => ({ default: module.NetworkPage })));
const LabPage = lazy(() => import('../lab/LabPage').then((module) => ({ default: module.LabPage })));
const DevicesPage = lazy(() => import('./DevicesPage').then((module) => ({ default: module.DevicesPage })));
const InvitationsPage = lazy(() => import('./InvitationsPage').then((module) => ({ default: module.InvitationsPage })));
const JoinPage = lazy(() => import('./JoinPage').then((module) => ({ default: module.JoinPage })));
const LinkPage = lazy(() => import('./LinkPage').then((module) => ({ default: module.LinkPage })));
const MembersPage = lazy(() => import('./MembersPage').then((module) => ({ default: module.MembersPage })));
const PastePage = lazy(() => import('./PastePage').then((module) => ({ default: module.PastePage })));
const RecoverPage = lazy(() => import('./RecoverPage').then((module) => ({ default: module.RecoverPage })));
const SearchPage = lazy(() => import('../search/SearchPage').then((module) => ({ default: module.SearchPage })));
const SettingsPage = lazy(() => import('./SettingsPage').then((module) => ({ default: module.SettingsPage })));
const Inspector = lazy(() => import('./inspector/Inspector').then((module) => ({ default: module.Inspector })));
const TrashPage = lazy(() => import('./TrashPage').then((module) => ({ default: module.TrashPage })));
const HubPage = lazy(() => import('../hub/HubPage').then((module) => ({ default: module.HubPage })));
const ChatPage = lazy(() => import('../chat/ChatPage').then((module) => ({ default: module.ChatPage })));
const EditorPage = lazy(() => import('../editor/EditorPage').then((module) => ({ default: module.EditorPage })));

/** `lab` gives a worker for the network lab. */
export function App({ client, lab }: { client: KernelClient; lab: () => Worker }) {
  const language = useSpoken();
  const [viewing, setViewing] = useState<Viewing | null>(null);
  const seen = useMemo(() => (viewing ? clientAs(client, viewing) : client), [client, viewing]);
  const control = useMemo(
    () => ({
      viewing,
      look: setViewing,
      end: () => {
        // Nobody looks at it any more; that nothing came of forgetting it is nobody's trouble.
        if (viewing?.at !== undefined)
          void client.run('os.returnToNow', { spaceId: viewing.spaceId }).catch(() => undefined);
        setViewing(null);
      },
    }),
    [client, viewing],
  );
  // Along the time of one space the same tree goes on.
  const eyes = viewing?.at === undefined ? viewing : { at: viewing.spaceId };
  if (language === null) return null;
  return (
    <ViewingContext.Provider value={control}>
      <KernelProvider client={seen}>
        <TooltipProvider>
          <LabContext.Provider value={lab}>
            <Router hook={useAddress}>
              {/* A new language, or other eyes, is a new tree: everything is asked for again. */}
              <Suspense fallback={<SkeletonRows />}>
                <Shell key={`${language} ${JSON.stringify(eyes)}`} />
              </Suspense>
              <Toasts />
            </Router>
          </LabContext.Provider>
        </TooltipProvider>
      </KernelProvider>
    </ViewingContext.Provider>
  );
}

function Shell() {
  const [path] = useLocation();
  const place = useMemo(() => placeOf(path), [path]);
  useRestart();
  const me = useQuery('os.me', {});
  const spaceId = 'spaceId' in place ? place.spaceId : (me?.personalSpace ?? null);
  const pictures = usePictures(spaceId, me?.personalSpace ?? null);
  const { viewing, end } = useViewing();
  // With other eyes everything is asked for again: who looks so is told it at once, and how to come back.
  const arrived = useArrived(spaceId) || viewing !== null;
  const rail = useRail();
  const client = useKernel();
  const about = client.ready;
  const [menuOpen, setMenuOpen] = useState(false);
  const [inspecting, setInspecting] = useState(false);
  const [asked, setAsked] = useState<Inspected | null>(null);
  const [pointed, setPointed] = useState<Pointed | null>(null);
  const [slot, setSlot] = useState<Element | null>(null);
  // A new place forgets what was inspected at the last one, and shows what its address names.
  useEffect(() => {
    const inside = insideOf(place);
    const thread = inside?.thread;
    if (inside && thread !== undefined) {
      setAsked((last) => ({
        ...inside.about,
        title: '',
        spaceId: inside.spaceId,
        said: { thread, n: (last?.said?.n ?? 0) + 1 },
      }));
      setInspecting(true);
    } else setAsked(null);
    setPointed((last) =>
      inside?.point !== undefined
        ? { objectId: inside.objectId, block: inside.point, n: (last?.n ?? 0) + 1 }
        : last && path.includes(last.objectId)
          ? last
          : null,
    );
    setMenuOpen(false);
  }, [path, place]);

  // Elsewhere one is oneself again.
  const elsewhere = viewing !== null && 'spaceId' in place && place.spaceId !== viewing.spaceId;
  useEffect(() => {
    if (elsewhere) end();
  }, [elsewhere, end]);

  const inspection: Inspection = {
    open: inspecting,
    target: asked,
    pointed,
    point: (objectId, block) => setPointed((last) => ({ objectId, block, n: (last?.n ?? 0) + 1 })),
    show: (target) => {
      setAsked(target);
      setInspecting(true);
    },
    toggle: () => setInspecting((open) => !open),
    close: () => {
      setInspecting(false);
      setAsked(null);
    },
  };
  if (place.at === 'join') return <JoinPage key={place.payload} />;
  if (place.at === 'link') return <LinkPage key={place.payload} payload={place.payload} />;
  if (place.at === 'recover') return <RecoverPage />;
  if (place.at === 'paste') return <PastePage />;
  const inspectable = asked !== null || 'spaceId' in place;
  return (
    <InspectionContext.Provider value={inspection}>
      <Pictures.Provider value={pictures}>
        <ActionsProvider spaceId={spaceId}>
          <button type="button" className="skip" onClick={() => document.getElementById('main')?.focus()}>
            {t('skip')}
          </button>
          <Keys spaceId={spaceId} />
          <Visits place={place} />
          <Presence />
          <Leaving />
          <Alerts />
          <div
            className={`shell ${arrived ? '' : 'arriving'} ${inspecting && inspectable ? 'insp' : ''} ${menuOpen ? 'menu-open' : ''} ${rail ? 'rail' : ''}`}
          >
            <Boundary about={about} place="sidebar">
              <Sidebar place={place} spaceId={spaceId} onLeave={() => setMenuOpen(false)} />
            </Boundary>
            <main className="main" id="main" tabIndex={-1}>
              <Boundary about={about} place="bar" at={path}>
                <TopBar place={place} spaceId={spaceId} onMenu={() => setMenuOpen(true)} tools={setSlot} />
              </Boundary>
              <Lines>
                <Returning />
                <Newcomers />
                {viewing?.at !== undefined ? (
                  <TravelBanner />
                ) : viewing ? (
                  <AccessBanner />
                ) : (
                  <Banners spaceId={spaceId} inside={'spaceId' in place} />
                )}
                {viewing ? null : <PhraseOffer />}
              </Lines>
              <div className="view">
                <Boundary key={path.split('?')[0]} about={about} place={place.at}>
                  <Suspense fallback={<SkeletonRows />}>
                    <BarSlot.Provider value={slot}>
                      <View place={place} personalSpace={me?.personalSpace ?? null} />
                    </BarSlot.Provider>
                  </Suspense>
                </Boundary>
              </div>
            </main>
            {inspecting && inspectable ? (
              <Boundary about={about} place="inspector" at={path}>
                <Suspense fallback={<aside className="ins" aria-busy />}>
                  <Inspector place={place} spaceId={spaceId} />
                </Suspense>
              </Boundary>
            ) : null}
            <BottomBar
              place={place}
              spaceId={spaceId}
              onMore={() => setMenuOpen((open) => !open)}
              moreOpen={menuOpen}
            />
          </div>
        </ActionsProvider>
      </Pictures.Provider>
    </InspectionContext.Provider>
  );
}

/** Of the space that is open; one's own also where it is not. */
function usePictures(spaceId: string | null, personalSpace: string | null): ReadonlyMap<string, string> {
  const here = useQuery('os.pictures', spaceId === null ? null : { spaceId });
  const own = useQuery('os.pictures', personalSpace === null ? null : { spaceId: personalSpace });
  return useMemo(() => new Map([...(own ?? []), ...(here ?? [])].map(({ id, picture }) => [id, picture])), [here, own]);
}

function View({ place, personalSpace }: { place: Place; personalSpace: string | null }) {
  switch (place.at) {
    case 'channel':
      return <ChatPage key={place.channelId} spaceId={place.spaceId} channelId={place.channelId} />;
    case 'document':
      return <EditorPage key={place.documentId} spaceId={place.spaceId} documentId={place.documentId} />;
    case 'hub':
      return <HubPage spaceId={place.spaceId} />;
    case 'invitations':
      return <InvitationsPage spaceId={place.spaceId} />;
    case 'trash':
      return <TrashPage key={place.spaceId} spaceId={place.spaceId} />;
    case 'audit':
      return <AuditPage key={place.spaceId} spaceId={place.spaceId} />;
    case 'members':
      return <MembersPage spaceId={place.spaceId} />;
    case 'devices':
      return <DevicesPage />;
    case 'network':
      return <NetworkPage />;
    case 'lab':
      return <LabPage />;
    case 'settings':
      return <SettingsPage />;
    case 'search':
      return <SearchPage asked={place.text} pages={place.pages} />;
    case 'space':
      return <FirstThing spaceId={place.spaceId} prefers="channel" />;
    case 'home':
      return personalSpace === null ? <SkeletonRows /> : <FirstThing spaceId={personalSpace} prefers="document" />;
    case 'link':
    case 'recover':
    case 'join':
    case 'paste':
      return null;
  }
}

/** A space without a chosen object opens its first one: at home the first document, which greets a first visit. */
function FirstThing({ spaceId, prefers }: { spaceId: string; prefers: 'channel' | 'document' }) {
  const [, go] = useLocation();
  const actions = useActions();
  const channels = useQuery('chat.channels', { spaceId });
  const documents = useQuery('editor.documents', { spaceId });
  const channel = channels?.[0];
  const document = documents?.find((row) => row.kind === 'document');
  useEffect(() => {
    if (channels === undefined || documents === undefined) return;
    const first =
      prefers === 'document' && document
        ? paths.document(spaceId, document.id)
        : channel
          ? paths.channel(spaceId, channel.id)
          : document
            ? paths.document(spaceId, document.id)
            : null;
    if (first !== null) go(first, { replace: true });
  }, [channels, documents, channel, document, prefers, spaceId, go]);
  if (channels === undefined || documents === undefined || channel || document) return <SkeletonRows />;
  return <Empty text={t('space.empty')} action={{ label: t('channel.new'), run: () => actions.newChannel(spaceId) }} />;
}

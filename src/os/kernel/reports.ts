/**
 * What people report to the Admins of a space, and what Admins take away. A report is an annotation, so that a Guest can
 * make one; it lies beside what it is about. It is hidden from nobody who has the keys: views show it to Admins.
 */
import { readable } from '../../base/reference';
import { err, ok } from '../../base/result';
import type { ReportRow } from '../../bridge/messages';
import { msOf } from '../../vm/op/clock';
import { type NodeId, outlineShardOf, type SpaceId } from '../../vm/op/ids';
import {
  type App,
  command,
  DONE,
  defineApp,
  type Found,
  type GraphNode,
  isAdmin,
  notAllowed,
  notFound,
  notPossible,
  query,
  textField,
  type View,
} from '../schema/define';
import { REPORT, systemTypes } from '../schema/system';

export const MAX_REASON = 500;
const EXCERPT = 200;

const id = { type: 'id' } as const;
const adminsOnly = notAllowed('Only Admins and Owners do this.', 'Report it to them instead.');

/** An object that an application made; what the system itself keeps cannot be reported. */
const objectAt = (view: View, node: string): Found | undefined => {
  const space = view.spaceOf(node as NodeId);
  const found = space === undefined ? undefined : view.graph(space)?.node(node as NodeId);
  return space !== undefined && found && !Object.hasOwn(systemTypes, found.type) ? { space, node: found } : undefined;
};
/** Reports that nobody has dealt with, by object. */
const openReports = (view: View, space: SpaceId): ReadonlyMap<string, readonly GraphNode[]> => {
  const open = new Map<string, GraphNode[]>();
  for (const node of view.graph(space)?.nodesOfType(REPORT) ?? []) {
    if (node.deleted || node.field('resolved') !== undefined) continue;
    const object = textField(node, 'object');
    open.set(object, [...(open.get(object) ?? []), node]);
  }
  return open;
};

export const reportsApp = (): App =>
  defineApp({
    name: 'os',
    types: {},
    commands: {
      report: command({
        describes: 'Tells the Admins of a space about an object, with a reason. Gives {id} of the report.',
        args: { id, reason: { type: 'text', max: MAX_REASON } },
        run: (view, write, args) => {
          const found = objectAt(view, args.id);
          if (!found) return err(notFound('object'));
          const { space, node } = found;
          if (view.role(space) === 'none')
            return err(notAllowed('You are not a member of this space.', 'Leave it be.'));
          if (node.author === view.me.userId)
            return err(notPossible('yourself', 'This is your own.', 'Remove it instead.'));
          const mine = openReports(view, space)
            .get(node.id)
            ?.some(({ author }) => author === view.me.userId);
          if (mine)
            return err(notPossible('already', 'You have reported this already.', 'The Admins see your report.'));
          const place = node.shard === outlineShardOf(space) ? { container: node.id } : { beside: node.id };
          return ok({ id: write.create(space, REPORT, { object: node.id, reason: args.reason.trim() }, place) });
        },
      }),
      resolveReports: command({
        describes:
          'Closes what was reported about an object: by removing the object, or by leaving it as it is. For Admins.',
        args: { id, remove: { type: 'flag' } },
        run: (view, write, args) => {
          const found = objectAt(view, args.id);
          if (!found) return err(notFound('object'));
          if (!isAdmin(view.role(found.space))) return err(adminsOnly);
          for (const report of openReports(view, found.space).get(args.id) ?? [])
            write.set(report.id, 'resolved', args.remove ? 'removed' : 'kept');
          if (args.remove && !found.node.deleted) write.remove(found.node.id);
          return DONE;
        },
      }),
      removeContent: command({
        describes: 'Removes any object of a space for everybody; os.restore brings it back. For Admins.',
        args: { id },
        run: (view, write, args) => {
          const found = objectAt(view, args.id);
          if (!found) return err(notFound('object'));
          if (!isAdmin(view.role(found.space))) return err(adminsOnly);
          if (!found.node.deleted) write.remove(found.node.id);
          return DONE;
        },
      }),
    },
    queries: {
      reports: query({
        describes: 'Objects that people reported and nobody has dealt with, for Admins; the newest report first.',
        args: { spaceId: id },
        run: (view, { spaceId }): readonly ReportRow[] => {
          const space = spaceId as SpaceId;
          if (!isAdmin(view.role(space))) return [];
          return [...openReports(view, space)]
            .flatMap(([object, reports]): ReportRow[] => {
              const found = objectAt(view, object);
              // What is gone needs no decision.
              if (found?.space !== space || found.node.deleted) return [];
              const { node } = found;
              return [
                {
                  id: node.id,
                  type: node.type,
                  title: (textField(node, 'title') || readable(textField(node, 'text'))).slice(0, EXCERPT),
                  author: view.person(space, node.author),
                  reports: reports
                    .map((report) => ({
                      by: view.person(space, report.author),
                      reason: textField(report, 'reason').slice(0, MAX_REASON),
                      at: msOf(report.createdAt),
                    }))
                    .sort((a, b) => b.at - a.at),
                },
              ];
            })
            .sort((a, b) => (b.reports[0]?.at ?? 0) - (a.reports[0]?.at ?? 0));
        },
      }),
    },
  });

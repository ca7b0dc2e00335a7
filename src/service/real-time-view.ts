import { assertCollection, assertEntityId } from '../core/entity-input.ts';
import { ofType } from '../core/option-checks.ts';
import type { SyncState } from './state.ts';
import type { Engine } from './engine.ts';
import type { IRealTimeSync } from './real-time-sync.ts';
import { valueStream } from './service-stream.ts';
import type { AnyCollections } from './sync-service.ts';

export function createRealTimeView(engine: Engine): IRealTimeSync<AnyCollections> {
  const { channels, following, status } = engine;
  return {
    subscribe(channel, callback) {
      ofType('function')('callback', callback);
      const at = typeof channel === 'string' ? channel.indexOf('/') : -1;
      const collection = at < 0 ? channel : channel.slice(0, at);
      assertCollection(collection);
      if (at >= 0) assertEntityId(collection, channel.slice(at + 1));
      engine.assertOpen();
      engine.start();
      const unlisten = channels.listen(channel, callback);
      if (at < 0) {
        engine.follow(collection);
        return unlisten;
      }
      const unfollow = following.followEntity(channel);
      return () => {
        unlisten();
        unfollow();
      };
    },
    connect() {
      engine.assertOpen();
      engine.start();
      engine.wantRealTime(true);
    },
    disconnect() {
      engine.start();
      engine.wantRealTime(false);
    },
    state$: valueStream<SyncState['realTime']>(
      engine,
      () => status.getSnapshot().realTime,
      (tell) => status.subscribe(({ realTime }) => tell(realTime)),
    ),
  };
}

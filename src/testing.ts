export { runApiClientConformance } from './testing/api-client/conformance.ts';
export type { ApiClientConformanceOptions, ApiClientUnderTest, SampleData } from './testing/api-client/options.ts';
export {
  answerWith,
  doubleRequest,
  loseAnswer,
  loseRequest,
  neverAnswer,
  refuseWith,
} from './testing/backend/answers.ts';
export {
  createMemoryBackend,
  type MemoryBackend,
  type MemoryBackendOptions,
} from './testing/backend/memory-backend.ts';
export {
  createPlannedApiClient,
  type Answer,
  type BackendCall,
  type BackendMethod,
  type PlannedApiClient,
} from './testing/backend/planned-api-client.ts';
export { ConformanceError } from './testing/conformance/conformance-error.ts';
export type { ConformanceRunOptions, TestRunner } from './testing/conformance/run-rules.ts';
export { createMemoryLocks, type MemoryLocks } from './testing/environment/memory-locks.ts';
export {
  createMemoryTabChannels,
  type MemoryTabChannels,
  type MemoryTabChannelsOptions,
  type TabMessage,
} from './testing/environment/memory-tab-channels.ts';
export { createMemoryTab, type MemoryTab, type TabLife } from './testing/environment/memory-tab.ts';
export {
  createTestEnvironment,
  createTestOrigin,
  type TestEnvironment,
  type TestEnvironmentOptions,
  type TestOrigin,
} from './testing/environment/test-environment.ts';
export { createNetworkApiClient } from './testing/network/network-api-client.ts';
export {
  noNetworkFaults,
  type NetworkEnd,
  type NetworkFaults,
  type NetworkLog,
} from './testing/network/network-faults.ts';
export { createNetworkTransport, type NetworkTransportOptions } from './testing/network/network-transport.ts';
export {
  createSeededNetwork,
  type SeededNetwork,
  type SeededNetworkOptions,
} from './testing/network/seeded-network.ts';
export {
  createPlannedStorage,
  type PlannedStorage,
  type StorageCall,
  type StorageFate,
} from './testing/planned-storage.ts';
export { createSeededRandom, type SeededRandom } from './testing/seeded-random.ts';
export type { StoragePlace } from './testing/storage/bench.ts';
export { runStorageConformance, type StorageConformanceOptions } from './testing/storage/conformance.ts';
export type { TransportConformanceOptions, TransportUnderTest } from './testing/transport/bench.ts';
export { runTransportConformance } from './testing/transport/conformance.ts';
export { createVirtualClock, settle, type VirtualClock } from './testing/virtual-clock.ts';

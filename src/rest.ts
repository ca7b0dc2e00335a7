export type {
  RestApiClientOptions,
  RestCollectionOptions,
  RestListOptions,
  RestListQuery,
  RestPlace,
  RestVersionField,
} from './adapters/rest/options.ts';
export { createRestApiClient, type RestApiClient } from './adapters/rest/rest-api-client.ts';

export type { RemoteStoreOptions, StoreQueryProps } from './options';
export { remoteStoreRules } from './rules';
export { remoteStore } from './store-type';

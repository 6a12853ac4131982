export { metricsStoreComponent, problemsOfSettingsThatStoreIgnores } from './component';

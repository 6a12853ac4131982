export { ineffectiveSettingProblems, metricsStoreComponent } from './component';

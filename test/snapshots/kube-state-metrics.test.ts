import { testSnapshots } from './components';

testSnapshots('kube-state-metrics');

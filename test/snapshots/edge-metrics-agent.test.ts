import { testSnapshots } from './components';

testSnapshots('edge-metrics-agent');

import { testSnapshots } from './components';

testSnapshots('ingress');

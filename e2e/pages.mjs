// The pages that pages.test.mjs visits; a new page is a new line.
//   path    where it is; or `from` and `link`: the first link of that page that matches
//   roles   who is to be shown it (the names of ROLES); nobody signed in: 'guest'

/** Role → the entrance of the demo's sign-in page. */
export const ROLES = {
  office: 'office',
  township: 'miaodian',
  cadre: 'cadre',
  leader: 'leader',
  unit: 'unit',
  secadmin: 'secadmin',
  auditor: 'auditor',
  sysadmin: 'sysadmin',
};

const three = ['office', 'township', 'cadre'];

export const PAGES = [
  { name: 'login', path: '/login', roles: ['guest'] },
  { name: 'today', path: '/', roles: [...three, 'leader', 'unit', 'secadmin', 'auditor', 'sysadmin'] },
  { name: 'postings', path: '/postings', roles: [...three, 'leader', 'unit'] },
  { name: 'postings-filtered', path: '/postings?role=first_secretary&sort=-since', roles: ['office'] },
  { name: 'postings-none', path: '/postings?name=没有这个人', roles: ['office'] },
  { name: 'posting', from: '/postings', link: 'tbody a[href^="/postings/"]', roles: three },
  { name: 'person', from: '/postings', link: 'tbody a[href^="/people/"]', roles: three },
  { name: 'person-edit', from: '/postings', link: 'tbody a[href^="/people/"]', then: '/edit', roles: ['office'] },
  { name: 'posting-end', from: '/postings', link: 'tbody a[href^="/postings/"]', then: '/end', roles: ['office'] },
  { name: 'posting-new', path: '/postings/new', roles: ['office'] },
  { name: 'coverage', path: '/coverage', roles: three },
  { name: 'teams', path: '/teams', roles: three },
  { name: 'batches', path: '/batches', roles: three },
  { name: 'village', path: '/villages/411327107204', roles: three },
  { name: 'units', path: '/units', roles: ['office', 'township'] },
  { name: 'unit', from: '/units', link: 'tbody a[href^="/units/"]', roles: ['office', 'township'] },
  { name: 'unit-new', path: '/units/new', roles: ['office'] },
  { name: 'village-edit', path: '/places/411327107204/edit', roles: ['office'] },
  { name: 'places', path: '/places', roles: three },
  { name: 'packs', path: '/packs', roles: three },
  { name: 'imports', path: '/imports', roles: ['office'] },
  { name: 'dashboard', path: '/dashboard', roles: three },
  { name: 'people-behind', path: '/dashboard/people?by=gender&is=female', roles: three },
  { name: 'figure-distinct', path: '/figures/alumni.cadre', roles: ['office'] },
  { name: 'figure', path: '/figures/posting.first_secretary', roles: three },
  { name: 'search', path: '/search?q=司庄', roles: three },
  { name: 'account', path: '/account', roles: three },
  { name: 'totp', path: '/account/totp', roles: ['office'] },
  { name: 'permissions', path: '/permissions', roles: three },
  { name: 'accounts', path: '/accounts', roles: ['secadmin'] },
  { name: 'account-new', path: '/accounts/new', roles: ['secadmin'] },
  { name: 'audit', path: '/audit', roles: ['auditor'] },
  { name: 'audit-verification', path: '/audit/verification', roles: ['auditor'] },
  { name: 'system', path: '/system', roles: ['sysadmin'] },
  { name: 'lost', path: '/no/such/page', roles: three, status: 404 },
  { name: 'not-yours', path: '/postings/new', roles: ['cadre'], status: 403 },
];

-- Domains at which anybody has an address: two people who share one share nothing. The reserved names (RFC 2606) are nobody's.
create table platform.shared_mail_domains (
  domain text primary key check (domain = lower(domain))
);
alter table platform.shared_mail_domains enable row level security;
comment on table platform.shared_mail_domains is 'Domains of providers that give everybody an e-mail address.';
create policy select_nobody on platform.shared_mail_domains for select to anon, authenticated using (false);
grant select on platform.shared_mail_domains to service_role;
insert into platform.shared_mail_domains select regexp_split_to_table(
  'gmail.com googlemail.com outlook.com outlook.fr hotmail.com hotmail.fr hotmail.be live.com live.fr live.be msn.com yahoo.com yahoo.fr '
  'yahoo.co.uk ymail.com rocketmail.com icloud.com me.com mac.com aol.com aol.fr orange.fr wanadoo.fr free.fr sfr.fr neuf.fr cegetel.net '
  'club-internet.fr numericable.fr noos.fr bbox.fr laposte.net aliceadsl.fr alice.fr 9online.fr libertysurf.fr tiscali.fr voila.fr '
  'skynet.be proximus.be telenet.be bluewin.ch gmx.com gmx.fr gmx.de gmx.net web.de t-online.de mail.com mail.ru yandex.com yandex.ru '
  'protonmail.com protonmail.ch proton.me pm.me tutanota.com tuta.io zoho.com fastmail.com hey.com yopmail.com mailo.com caramail.com '
  'hotmail.co.uk hotmail.it hotmail.es live.co.uk libero.it virgilio.it qq.com 163.com 126.com comcast.net verizon.net att.net', ' ');

create function platform.own_mail_domain(email text)
returns text
language sql
stable
security definer
set search_path = ''
as $$
  select d.domain from (select lower(substring(email from '@([^@\s]+)$')) as domain) d
  where d.domain !~ '(^|\.)(test|example|invalid|localhost|example\.(com|net|org))$'
    and not exists (select from platform.shared_mail_domains s where s.domain = d.domain);
$$;
comment on function platform.own_mail_domain is 'The domain of an address if it is somebody''s own; null for a provider''s.';

// Words with accents that French lists are full of: names, places, and what is written around them. A text in which they
// are read was read in the right encoding. What a kind of rows has beside them is in its own words.
const words = `
Agnès Aimé Aimée Alizée Amélie Anaïs André Andrée Angèle Angélique Aurélie Aurélien Barnabé Barthélemy Béatrice Bénédicte Benoît
Bérénice Cécile Cédric Céleste Célia Célian Céline Chloé Clémence Clément Clémentine Cléo Cléa Crépin Désiré Désirée Dorothée Édith
Édouard Éléonore Éliane Élie Éliott Élisa Élisabeth Élise Élodie Éloïse Élyse Émeline Émile Émilie Émilien Éric Érika
Ève Éva Évelyne Étienne Félicien Félix Françoise François Frédéric Frédérique Gaël Gaëlle Gaétan Geneviève Gérald Géraldine Gérard
Grégoire Grégory Guénaël Hélène Héloïse Hervé Inès Irène Jérémie Jérémy Jérôme Joël Joëlle Josée José Josèphe Kévin Léa Léandre
Léna Léo Léon Léonie Léonore Loïc Loïs Maëlle Maël Maëlys Mégane Mélanie Mélina Mélissa Mickaël Michaël Michèle Mathéo Moïse Noé
Noël Noëlle Noémie Océane Océan Orphée Pénélope Prénom Raphaël Raphaëlle Régine Régis Rémi Rémy René Renée Salomé Sébastien Ségolène
Séverine Solène Stéphane Stéphanie Théo Théodore Thérèse Timéo Timothée Valère Valérie Véronique Yaël Zoé Zoë
Bérard Béraud Fèvre Lefèvre Lefébvre Lefébure Lemaître Hébert Léger Rivière Prévost Préaux Périn Péron Rivoirè
Séguin Vallée Vérité Noël Gérôme Gaudé Guérin Chrétien Crété Chéron Clère Dufrêne Delaître Desprès Dupré Évrard Fréchet Garçon
Bouché Côté Dubé Forêt Frère Grégoire Guérard Héraud Lévy Lévêque Maréchal Mère Ménard Métayer Pagès Père
Piédagnel Quéré Rétif Roué Traoré Touré Doré Sauvé Thébault Théry Tréguer Été Müller Böhm García López Martínez Gómez
Rodríguez Pérez Sánchez González Gonçalves Conceição Peña Nuñez Muñoz André
Béziers Besançon Nîmes Alès Évry Évreux Épinal Créteil Orléans Angoulême Châlons Châteauroux Chambéry Sète Rhône Isère Hérault
Finistère Côte Côtes Drôme Ardèche Lozère Corrèze Nièvre Saône Pyrénées Vendée Sèvres Haute-Saône Île Ile Île-de-France
Franche-Comté Comté Réunion Guyane Mayenne Moselle Étienne Saint-Étienne Périgueux Rhône-Alpes Évian Mézières Thésée
prénom prénoms téléphone tél société région activité numéro n° adresse électronique département commune qualité à déjà
très après matinée soirée prévu étage été créé modifié reçu généré génération où là dès près répondu réponse précisé précision
français française coordonnées année années février août décembre même être peut-être mère père frère mètre mètres carrés
première deuxième supplémentaire général générale complémentaire crédit prêt santé sécurité école bâtiment hôtel hôpital
énergie électricité électrique télécom téléphonie création marché
`;

/** Words by their letters in lower case, those that have none beyond ASCII left out. */
export function accentedWords(text: string): ReadonlySet<string> {
  return new Set(
    text
      .toLowerCase()
      .split(/[\s-]+/)
      .filter((word) => /[^\0-\x7f]/.test(word)),
  );
}

export const commonWords = accentedWords(words);

-- What two texts that look the same have in common, as src/text/fold.rs has it (`key`; a test holds one against the other): without
-- what is invisible and without white space, in compatibility form (NFKC), radicals as the ideographs that they look like
-- (Equivalent_Unified_Ideograph), in lower case: of Latin, Greek and Cyrillic, named one by one, since `lower` depends on the locale.
CREATE FUNCTION text_key(value text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT lower(translate(
        regexp_replace(
            normalize(regexp_replace(value, invisible, '', 'g'), NFKC),
            invisible || '|[\u0001-\u0020\u007F-\u00A0\u1680\u2000-\u200A\u2028\u2029\u202F\u205F\u3000\u2800\U00016FE4\U0001D159\U00013441\U00013442]',
            '', 'g'),
        '⺁⺂⺃⺄⺅⺆⺇⺈⺉⺊⺋⺌⺍⺎⺏⺐⺑⺒⺓⺔⺕⺖⺗⺘⺙⺛⺜⺝⺞⺟⺠⺡⺢⺣⺤⺥⺦⺧⺨⺩⺪⺫⺬⺭⺮⺯⺰⺱⺲⺳⺴⺵⺶⺷⺸⺹⺺⺻⺼⺽⺾⺿⻀⻁⻂⻃⻄⻅⻆⻇⻈⻉⻊⻋⻌⻍⻎⻏⻐⻑⻒⻓⻔⻕⻖⻗⻘⻙⻚⻛⻜⻝⻞⻟⻠⻡⻢⻣⻤⻥⻦⻧⻨⻩⻪⻫⻬⻭⻮⻯⻰⻱⻲⻳'
            'ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞĀĂĄĆĈĊČĎĐĒĔĖĘĚĜĞĠĢĤĦĨĪĬĮİĴĶĹĻĽŁŃŅŇŊŌŎŐŒŔŖŘŚŜŞŠŢŤŦŨŪŬŮŰŲŴŶŸŹŻŽͰͲͶͿΆΈΉΊΌΎΏΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩΪΫϏϘϚϜϞϠϢϤϦϨϪϬϮϷϺϽϾϿЀЁЂЃЄЅІЇЈЉЊЋЌЍЎЏАБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯѠѢѤѦѨѪѬѮѰѲѴѶѸѺѼѾҀҊҌҎҐҒҔҖҘҚҜҞҠҢҤҦҨҪҬҮҰҲҴҶҸҺҼҾӀӁӃӅӇӉӋӍӐӒӔӖӘӚӜӞӠӢӤӦӨӪӬӮӰӲӴӶӸӺӼӾԀԂԄԆԈԊԌԎԐԒԔԖԘԚԜԞԠԢԤԦԨԪԬԮ',
        '厂乛乚乙亻冂𠘨刀刂卜㔾小小兀尣尢𡯂巳幺彑彐忄心扌攵旡日月歺母民氵氺灬爫爫丬牛犭王𤴔目示礻𥫗糹纟罓罒㓁冗𦉫羊𦍌𦍋耂肀聿肉𦥑艹艹艹虎衤覀西见角𧢲讠贝𧾷车辶辶辶邑钅長镸长门𨸏阝雨青韦页风飞食𩙿飠饣𩠐马骨鬼鱼鸟卤麦黄黾斉齐歯齿竜龙龜亀龟'
            'àáâãäåæçèéêëìíîïðñòóôõöøùúûüýþāăąćĉċčďđēĕėęěĝğġģĥħĩīĭįiĵķĺļľłńņňŋōŏőœŕŗřśŝşšţťŧũūŭůűųŵŷÿźżžͱͳͷϳάέήίόύώαβγδεζηθικλμνξοπρστυφχψωϊϋϗϙϛϝϟϡϣϥϧϩϫϭϯϸϻͻͼͽѐёђѓєѕіїјљњћќѝўџабвгдежзийклмнопрстуфхцчшщъыьэюяѡѣѥѧѩѫѭѯѱѳѵѷѹѻѽѿҁҋҍҏґғҕҗҙқҝҟҡңҥҧҩҫҭүұҳҵҷҹһҽҿӏӂӄӆӈӊӌӎӑӓӕӗәӛӝӟӡӣӥӧөӫӭӯӱӳӵӷӹӻӽӿԁԃԅԇԉԋԍԏԑԓԕԗԙԛԝԟԡԣԥԧԩԫԭԯ') COLLATE "C")
    FROM (VALUES (
        '[\u00AD\u034F\u061C\u115F\u1160\u17B4\u17B5\u180B-\u180F\u200B-\u200F\u202A-\u202E\u2060-\u206F\u3164\uFDD0-\uFDEF\uFE00-\uFE0F\uFEFF\uFFA0\uFFF0-\uFFFB\uFFFE\uFFFF\U0001BCA0-\U0001BCA3\U0001D173-\U0001D17A\U000E0000-\U000E0FFF]'
    )) AS of_unicode (invisible)
$$;

-- Names written before are cleaned of what nobody sees; of two that look the same then, the later one is marked.
UPDATE organization_names AS one SET name = organizations.code
    FROM organizations WHERE organizations.id = one.organization_id AND text_key(one.name) = '';
UPDATE organization_names AS one SET short_name = organizations.code
    FROM organizations WHERE organizations.id = one.organization_id AND text_key(one.short_name) = '';
UPDATE organization_names AS one SET name = one.name || '（重名 ' || organizations.code || '）'
    FROM organizations WHERE organizations.id = one.organization_id AND EXISTS (
        SELECT FROM organization_names AS other
        WHERE text_key(other.name) = text_key(one.name) AND (other.created_at, other.id) < (one.created_at, one.id)
            AND daterange(other.effective_from, other.effective_until) && daterange(one.effective_from, one.effective_until));
UPDATE organization_names AS one SET short_name = one.short_name || organizations.code
    FROM organizations WHERE organizations.id = one.organization_id AND EXISTS (
        SELECT FROM organization_names AS other
        WHERE text_key(other.short_name) = text_key(one.short_name) AND (other.created_at, other.id) < (one.created_at, one.id)
            AND daterange(other.effective_from, other.effective_until) && daterange(one.effective_from, one.effective_until));

ALTER TABLE organization_names
    DROP CONSTRAINT organization_names_unique_name,
    DROP CONSTRAINT organization_names_name,
    DROP CONSTRAINT organization_names_short_name,
    ADD CONSTRAINT organization_names_name CHECK (text_key(name) <> ''),
    ADD CONSTRAINT organization_names_short_name CHECK (text_key(short_name) <> ''),
    ADD CONSTRAINT organization_names_unique_name EXCLUDE USING gist (
        text_key(name) WITH =, daterange(effective_from, effective_until) WITH &&),
    ADD CONSTRAINT organization_names_unique_short_name EXCLUDE USING gist (
        text_key(short_name) WITH =, daterange(effective_from, effective_until) WITH &&);

ALTER TABLE schemes DROP CONSTRAINT schemes_document_number;
CREATE UNIQUE INDEX schemes_document_number ON schemes (text_key(document_number));

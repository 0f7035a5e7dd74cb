"""Who a text speaks of: mentions of Beijing, of Moscow and of others, by fixed lists of names."""

from __future__ import annotations

import re
from functools import cache

_BEIJING = """
china, chinese, beijing, sino, prc, xi, jinping, mainland, yuan, renminbi, rmb, cny, cnooc, cnpc, sinopec, huawei,
hikvision, dji, yutong, pla, xinhua, heilongjiang, harbin, heihe, manzhouli, suifenhe, hunchun, jilin, liaoning,
shandong, shanghai, shenzhen, guangzhou, zhejiang, guangdong, hainan, dalian, qingdao, tianjin, dongbei, manchuria,
manchurian, xinjiang, tibet, cosco, unionpay, icbc, haier, chery, geely, haval, norinco, hong kong, wang yi, li
qiang, li keqiang, hu jintao, jiang zemin, mao, deng xiaoping, han zheng, people's republic, great wall motor, bank
of china, belt and road, global times, people's liberation army
"""
_MOSCOW = """
russia, russian, russians, moscow, kremlin, putin, medvedev, lavrov, mishustin, novak, peskov, shoigu, belousov,
patrushev, matviyenko, yeltsin, gorbachev, soviet, ussr, tsarist, rouble, roubles, ruble, rubles, gazprom, rosneft,
novatek, lukoil, transneft, rosatom, rosoboronexport, rostec, roscosmos, sberbank, vtb, sukhoi, avtovaz, rusal,
nornickel, sibur, tass, rossiya, vladivostok, khabarovsk, blagoveshchensk, siberia, siberian, irkutsk, chita,
yakutia, sakhalin, primorye, primorsky, zabaikalsk, zabaykalsk, buryatia, amur, yamal, murmansk, arkhangelsk,
kamchatka, kaliningrad, petersburg, kazan, novosibirsk, yekaterinburg, crimea, donbas, urals, espo, eaeu, eastern
economic forum, power of siberia, northern sea route, central bank of russia, eurasian economic union
"""
_WEST = """
us, u.s., usa, america, american, americans, washington, biden, trump, obama, bush, nato, eu, european, europe,
brussels, western, west, g7, britain, british, uk, london, germany, german, berlin, france, french, paris, treasury,
pentagon, blinken, yellen
"""
_OTHERS = """
ukraine, ukrainian, kyiv, kiev, zelensky, japan, japanese, tokyo, korea, korean, pyongyang, seoul, kim, india,
indian, delhi, modi, iran, iranian, tehran, turkey, turkish, ankara, taiwan, taiwanese, taipei, vietnam, hanoi,
mongolia, mongolian, ulaanbaatar, belarus, minsk, kazakhstan, kazakh, astana, kyrgyzstan, kyrgyz, bishkek,
tajikistan, tajik, dushanbe, uzbekistan, uzbek, tashkent, turkmenistan, turkmen, ashgabat, pakistan, afghanistan,
afghan, israel, saudi, brazil, brazilian, africa, african, hungary, serbia, norway
"""
_JOINT = """
both, two countries, two sides, two neighbours, two neighbors, two powers, two leaders, bilateral, mutual, joint,
jointly, each other, one another, counterpart, counterparts, partnership, sino-russian, russo-chinese, russia-china,
china-russia, chinese-russian, russian-chinese, trilateral, cross-border
"""
_NAMES = {"beijing": _BEIJING, "moscow": _MOSCOW, "west": _WEST, "others": _OTHERS, "joint": _JOINT}
SIDES = tuple(_NAMES)


def count_mentions(text: str, side: str) -> int:
    """How often a text names a side of ``SIDES``; ``joint`` counts words for the two together ("both", "bilateral")."""
    return len(_pattern(side).findall(text))


def speaks_of_both(text: str) -> bool:
    """Whether a text names Beijing and Moscow at all, and so can say something of their tie."""
    return all(_pattern(side).search(text) for side in ("beijing", "moscow"))


@cache
def _pattern(side: str) -> re.Pattern[str]:
    names = sorted((" ".join(name.split()) for name in _NAMES[side].split(",")), key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, names))})(?!\w)", re.IGNORECASE)

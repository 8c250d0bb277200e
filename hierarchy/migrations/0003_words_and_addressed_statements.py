"""How the customer sees us in our own words, and the statements that each play works on.

Editions of before get both where they still are as the first edition was shipped. Elsewhere the words stay empty, and pages quote the
customer's sentence instead.
"""

import django.db.models.deletion
from django.db import migrations, models

#: By level: the customer's sentence as it was shipped, English and Dutch, and the same in our words.
OURS = {
    1: (
        ("One of many suppliers", "Een van de vele leveranciers"),
        ("one of many suppliers", "een van de vele leveranciers"),
    ),
    2: (
        ("A good supplier", "Een goede leverancier"),
        ("a good supplier", "een goede leverancier"),
    ),
    3: (
        ("A supplier that goes out of its way for us", "Een leverancier die zich voor ons inzet"),
        ("a supplier that goes out of its way for them", "een leverancier die zich voor hen inzet"),
    ),
    4: (
        ("An ally in our business", "Een bondgenoot in ons bedrijf"),
        ("an ally with whom they solve their business issues", "een bondgenoot met wie zij hun zakelijke problemen oplossen"),
    ),
    5: (
        ("The partner we cannot do without", "De partner die we niet kunnen missen"),
        ("the partner they cannot do without", "de partner die zij niet kunnen missen"),
    ),
}
#: By code of the play: the codes of the statements, the most direct first. A code begins with the level of its statement.
ADDRESSES = {
    "usp-analysis": "2a 2c 1c",
    "consultative-selling": "2d 2b 1a",
    "five-product-levels": "2a 2d 1a",
    "service-mindset": "2d 1b 1d",
    "experience-mapping": "3b 3a 3c",
    "value-chain": "3d 3a 2a",
    "rater": "3c 3b 2c",
    "kaizen": "3c 3a 2c",
    "problem-definition": "4a 4d",
    "simplex": "4b 4c",
    "consensus-decision": "4d 3a",
    "trust": "4d 4b 3c",
    "executive-relations": "5a 5b 5d",
    "industry-expert": "5c 5a 5d",
}


def fill(apps, schema_editor):
    Level, Play = apps.get_model("hierarchy", "Level"), apps.get_model("hierarchy", "Play")
    for rank, ((en, nl), (ours_en, ours_nl)) in OURS.items():
        # The column without a language is that of the default language, as modeltranslation keeps it.
        Level._base_manager.filter(rank=rank, seen_as_en=en, seen_as_nl=nl).update(
            seen_as_ours=ours_en, seen_as_ours_en=ours_en, seen_as_ours_nl=ours_nl
        )
    for play in Play._base_manager.filter(code__in=ADDRESSES):
        _address(apps, play, ADDRESSES[play.code].split())


def _address(apps, play, codes):
    """Name the statements of a play where the edition has them all, each on its level."""
    Indicator, AddressedStatement = apps.get_model("hierarchy", "Indicator"), apps.get_model("hierarchy", "AddressedStatement")
    there = {one.code: one for one in Indicator._base_manager.filter(edition=play.edition_id, code__in=codes)}
    ranks = {play.from_rank, play.to_rank}
    if all(code in there and there[code].rank == int(code[0]) and there[code].rank in ranks for code in codes):
        AddressedStatement._base_manager.bulk_create(
            AddressedStatement(play=play, indicator=there[code], order=order) for order, code in enumerate(codes)
        )


class Migration(migrations.Migration):

    dependencies = [
        ('hierarchy', '0002_same_measure'),
    ]

    operations = [
        migrations.AddField(
            model_name='level',
            name='seen_as_ours',
            field=models.CharField(blank=True, max_length=160, verbose_name='in our words: they see us as'),
        ),
        migrations.AddField(
            model_name='level',
            name='seen_as_ours_en',
            field=models.CharField(blank=True, max_length=160, null=True, verbose_name='in our words: they see us as'),
        ),
        migrations.AddField(
            model_name='level',
            name='seen_as_ours_nl',
            field=models.CharField(blank=True, max_length=160, null=True, verbose_name='in our words: they see us as'),
        ),
        migrations.CreateModel(
            name='AddressedStatement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('order', models.PositiveSmallIntegerField(default=0, verbose_name='order')),
                ('indicator', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='addressed_by', to='hierarchy.indicator', verbose_name='statement')),
                ('play', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='addresses', to='hierarchy.play')),
            ],
            options={
                'verbose_name': 'statement that the play works on',
                'verbose_name_plural': 'statements that the play works on',
                'ordering': ['order', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('play', 'indicator'), name='addressed_statement_once_a_play', violation_error_message='This play already names this statement.')],
            },
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
